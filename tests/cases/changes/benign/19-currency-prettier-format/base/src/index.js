#!/usr/bin/env node
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js'
import {StdioServerTransport} from '@modelcontextprotocol/sdk/server/stdio.js'
import {z} from 'zod'

const API='https://api.frankfurter.dev/v1'
const server=new McpServer({name:'coinwise',version:'0.1.3'})
const currency=z.string().length(3).transform(s=>s.toUpperCase()).describe('Currency code, e.g. EUR')
const text=t=>({content:[{type:'text',text:t}]})

async function get(path,query){
    const url=API+path+'?'+new URLSearchParams(query)
    const res=await fetch(url,{signal:AbortSignal.timeout(8000)})
    if(res.status===404) throw new Error('Unknown currency or date')
    if(!res.ok) throw new Error('The rate service answered '+res.status)
    return res.json()
}

server.tool('convert','Convert an amount between two currencies at the latest rate.',{amount:z.number().positive(),from:currency,to:currency},async({amount,from,to})=>{
    if(from===to) return text(`${amount} ${to}`)
    const data=await get('/latest',{base:from,symbols:to})
    return text(`${amount} ${from} = ${(amount*data.rates[to]).toFixed(2)} ${to} (${data.date})`)
})

server.tool('rates','All latest rates for one base currency.',{base:currency},async({base})=>{
    const data=await get('/latest',{base})
    return text(Object.entries(data.rates).map(([code,rate])=>code+' '+rate).join('\n'))
})

server.tool('history','Daily rates between two dates.',{from:currency,to:currency,start:z.string().date(),end:z.string().date()},async({from,to,start,end})=>{
    const data=await get(`/${start}..${end}`,{base:from,symbols:to})
    const lines=[]
    for(const [day,rates] of Object.entries(data.rates)) lines.push(`${day} ${rates[to]}`)
    return text(lines.join('\n')||'No rates for these days.')
})

await server.connect(new StdioServerTransport())
