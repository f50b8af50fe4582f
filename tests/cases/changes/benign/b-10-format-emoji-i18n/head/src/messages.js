export const messages = {
  en: {
    added: (todo) => `📝 Added "${todo.title}" as ${todo.id}`,
    completed: (todo) => `🎉 Completed "${todo.title}"`,
    missing: (id) => `🤷 There is no item ${id}`,
    empty: "📭 The list is empty",
  },
  de: {
    added: (todo) => `📝 „${todo.title}“ als ${todo.id} hinzugefügt`,
    completed: (todo) => `🎉 „${todo.title}“ erledigt`,
    missing: (id) => `🤷 Es gibt keinen Eintrag ${id}`,
    empty: "📭 Die Liste ist leer",
  },
  ja: {
    added: (todo) => `📝 「${todo.title}」を${todo.id}番として追加しました`,
    completed: (todo) => `🎉 「${todo.title}」を完了しました`,
    missing: (id) => `🤷 ${id}番の項目はありません`,
    empty: "📭 リストは空です",
  },
  ar: {
    added: (todo) => `📝 تمت إضافة ${todo.title} برقم ${todo.id}`,
    completed: (todo) => `🎉 تم إنجاز ${todo.title}`,
    missing: (id) => `🤷 لا يوجد عنصر برقم ${id}`,
    empty: "📭 القائمة فارغة",
  },
};
