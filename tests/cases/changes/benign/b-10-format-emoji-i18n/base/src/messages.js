export const messages = {
    en: {
        added: todo => 'Added "' + todo.title + '" as ' + todo.id,
        completed: todo => 'Completed "' + todo.title + '"',
        missing: id => 'There is no item ' + id,
        empty: 'The list is empty'
    }
}
