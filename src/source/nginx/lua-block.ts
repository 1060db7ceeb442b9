import { syntaxError, type Cursor } from './lex.ts';

/** What in Lua may hold a brace that closes nothing: comments, strings, what opens a longer one; and the braces themselves. */
const LUA = /(?:--)?\[(=*)\[|--[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[{}]/g;

export const isLuaBlock = (name: string): boolean => name.endsWith('_by_lua_block');

/** Steps over the Lua behind `… _by_lua_block {`, whose braces and quotes are Lua's own. */
export function skipLua(cursor: Cursor): void {
  const end = findEnd(cursor.bytes, cursor.at);
  if (end === null) throw syntaxError(cursor.file, cursor.line, 'a block of Lua is never closed by "}"');
  cursor.line += cursor.bytes.slice(cursor.at, end).split('\n').length - 1;
  cursor.at = end;
}

function findEnd(bytes: string, start: number): number | null {
  let depth = 1;
  LUA.lastIndex = start;
  while (depth > 0) {
    const found = LUA.exec(bytes);
    if (found === null) return null;
    const [text, level] = found;
    if (text === '{') depth += 1;
    else if (text === '}') depth -= 1;
    else if (level !== undefined) {
      const close = bytes.indexOf(`]${level}]`, LUA.lastIndex);
      if (close === -1) return null;
      LUA.lastIndex = close + level.length + 2;
    }
  }
  return LUA.lastIndex;
}
