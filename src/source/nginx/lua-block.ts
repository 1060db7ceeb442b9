import { syntaxError, type Cursor } from './lex.ts';

/** What in Lua may hold a brace that closes nothing: comments, strings, and the braces themselves. */
const LUA = /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\2\]|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[{}]/g;

export const isLuaBlock = (name: string): boolean => name.endsWith('_by_lua_block');

/** Steps over the Lua behind `… _by_lua_block {`, whose braces and quotes are Lua's own. */
export function skipLua(cursor: Cursor): void {
  let depth = 1;
  LUA.lastIndex = cursor.at;
  while (depth > 0) {
    const found = LUA.exec(cursor.bytes);
    if (found === null) throw syntaxError(cursor.file, cursor.line, 'a block of Lua is never closed by "}"');
    if (found[0] === '{') depth += 1;
    if (found[0] === '}') depth -= 1;
  }
  cursor.line += cursor.bytes.slice(cursor.at, LUA.lastIndex).split('\n').length - 1;
  cursor.at = LUA.lastIndex;
}
