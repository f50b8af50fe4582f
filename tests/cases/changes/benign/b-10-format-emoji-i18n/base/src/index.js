import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'
import { messages } from './messages.js'

const t = messages[process.env.TODO_LANG] || messages.en
const todos = []
let nextId = 1

const reply = text => ({ content: [{ type: 'text', text }] })

const server = new McpServer({ name: 'todo', version: '0.1.0' })

server.tool('add_todo', 'Add an item to the in-memory list.', { title: z.string().min(1) }, async ({ title }) => {
    const todo = { id: nextId++, title, done: false }
    todos.push(todo)
    return reply(t.added(todo))
})

server.tool('complete_todo', 'Mark an item as done.', { id: z.number().int() }, async ({ id }) => {
    const todo = todos.find(item => item.id === id)
    if (!todo) return reply(t.missing(id))
    todo.done = true
    return reply(t.completed(todo))
})

server.tool('list_todos', 'List all items.', {}, async () => {
    if (todos.length === 0) return reply(t.empty)
    return reply(todos.map(item => (item.done ? '[x] ' : '[ ] ') + item.id + ' ' + item.title).join('\n'))
})

await server.connect(new StdioServerTransport())
