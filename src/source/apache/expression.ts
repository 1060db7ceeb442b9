import type { Place } from '../rules/server-rules.ts';
import { readSubnet, hasCaller, type Subnet } from './subnet.ts';
import { readPeer } from '../address.ts';
import { expressionOfGlob, findGroupsIn, holdsCaller, noteExpression, noteWord } from './compare-text.ts';
import { matchGlob } from './pattern.ts';
import { readRequestHeader, type RequestContext, readServerVariable, readVariable } from './request-context.ts';

/** Somewhere the expression needs what the configuration does not say, or a form that is not read here. */
class UnknownOperand extends Error {}

const MAX_TOKENS = 2000;
const MAX_DEPTH = 50;

/**
 * Whether an expression of Apache (`ap_expr`) holds: comparisons, `in`, `=~`, `-ipmatch`, `-R`, `-n`, `-z`,
 * `-strmatch`, with `&&`, `||`, `!` and brackets. A comparison that cannot be decided is asked for, and only that.
 */
export function holds(source: string, place: Place, context: RequestContext): boolean {
  const tokens = readTokens(source);
  const question = `whether the expression ${source} is true`;
  if (tokens === null) return context.ask(place, question);
  const reader = new ExpressionReader(tokens, place, context);
  try {
    const plan = reader.readOr(0);
    return reader.isAtEnd() ? plan() : context.ask(place, question);
  } catch (error) {
    if (error instanceof UnknownOperand) return context.ask(place, question);
    throw error;
  }
}

/** An expression that says nothing but whether the caller has one of some addresses. */
export interface AddressTest {
  subnet: Subnet;
  isNegated: boolean;
}

/** `-R '192.0.2.0/24'` and `%{REMOTE_ADDR} -ipmatch '192.0.2.0/24'`; null for anything else. */
export function readAddressTest(source: string): AddressTest | null {
  const [, not, single, double, bare] =
    /^\s*(!\s*)?(?:-R|%\{REMOTE_ADDR\}\s+-ipmatch)\s+(?:'([^'\\%$]*)'|"([^"\\%$]*)"|([\w.:-]+))\s*$/.exec(source) ?? [];
  const text = single ?? double ?? bare;
  const subnet = text === undefined ? null : readSubnet(text);
  return subnet === null ? null : { subnet, isNegated: not !== undefined };
}

/** The literals of networks within an expression. */
export function subnetsIn(source: string): string[] {
  return [...source.matchAll(/(?:-R|-ipmatch)\s+(?:'([^']*)'|"([^"]*)"|([^\s)&|]+))/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

type ExpressionToken = { kind: 'operator' | 'string' | 'variable' | 'regex' | 'word'; text: string; flags?: string };

const TOKENS: readonly (readonly [RegExp, ExpressionToken['kind']])[] = [
  [/^(?:&&|\|\||==|!=|<=|>=|=~|!~|[!<>(){},=]|-[A-Za-z]+\b)/, 'operator'],
  [/^"(?:[^"\\]|\\[^])*"|^'(?:[^'\\]|\\[^])*'/, 'string'],
  [/^%\{[^}]*\}/, 'variable'],
  [/^m(?<mark>[#,;|!@%^_'"])(?:(?!\k<mark>)[^])*\k<mark>[imsx]*/, 'regex'],
  [/^\/(?:[^/\\]|\\[^])*\/[imsx]*/, 'regex'],
  [/^[\w.:-]+/, 'word'],
];

function readTokens(source: string): ExpressionToken[] | null {
  const tokens: ExpressionToken[] = [];
  for (let rest = source.trimStart(); rest !== '';) {
    const found = TOKENS.map(([form, kind]) => ({ kind, text: form.exec(rest)?.[0] })).find(
      ({ text }) => text !== undefined,
    );
    if (found?.text === undefined || tokens.length === MAX_TOKENS) return null;
    tokens.push({ kind: found.kind, text: found.text });
    rest = rest.slice(found.text.length).trimStart();
  }
  return tokens;
}

type Evaluation = () => boolean;

/** Reads first and evaluates afterwards, so that what is not needed is not asked for. */
class ExpressionReader {
  private at = 0;
  private readonly tokens: readonly ExpressionToken[];
  private readonly place: Place;
  private readonly context: RequestContext;

  constructor(tokens: readonly ExpressionToken[], place: Place, context: RequestContext) {
    this.tokens = tokens;
    this.place = place;
    this.context = context;
  }

  isAtEnd(): boolean {
    return this.at === this.tokens.length;
  }

  readOr(depth: number): Evaluation {
    const parts = [this.readAnd(depth)];
    while (this.takes('||')) parts.push(this.readAnd(depth));
    return () => parts.some((part) => part());
  }

  private readAnd(depth: number): Evaluation {
    const parts = [this.readNot(depth)];
    while (this.takes('&&')) parts.push(this.readNot(depth));
    return () => parts.every((part) => part());
  }

  private readNot(depth: number): Evaluation {
    if (depth > MAX_DEPTH) throw new UnknownOperand();
    if (this.takes('!')) {
      const inner = this.readNot(depth + 1);
      return () => !inner();
    }
    if (this.takes('(')) {
      const inner = this.readOr(depth + 1);
      if (!this.takes(')')) throw new UnknownOperand();
      return inner;
    }
    return this.readComparison();
  }

  private readComparison(): Evaluation {
    const begin = this.at;
    const token = this.tokens[this.at];
    const atom = (test: () => boolean): Evaluation => {
      const text = this.tokens
        .slice(begin, this.at)
        .map((one) => one.text)
        .join(' ');
      return () => {
        try {
          return test();
        } catch (error) {
          if (error instanceof UnknownOperand) return this.context.ask(this.place, `whether ${text} is true`);
          throw error;
        }
      };
    };
    if (token?.kind === 'word' && /^(?:true|false)$/i.test(token.text) && !this.isComparedNext()) {
      this.at += 1;
      return () => token.text.toLowerCase() === 'true';
    }
    if (token?.kind === 'operator' && /^-\w$/.test(token.text)) {
      this.at += 1;
      const operand = this.readOperand();
      return atom(() => this.testOne(token.text, operand()));
    }
    const left = this.readOperand();
    const operator = this.tokens[this.at]?.text ?? '';
    this.at += 1;
    if (operator === '=~' || operator === '!~') return atom(this.readRegex(left, operator === '=~'));
    if (operator === '-in' || operator === 'in') return atom(this.readList(left));
    const right = this.readOperand();
    return atom(() => compare(this.context, operator, left(), right()));
  }

  private isComparedNext(): boolean {
    return /^(?:[=!<>]|-\w|in$)/.test(this.tokens[this.at + 1]?.text ?? '');
  }

  private testOne(operator: string, value: string): boolean {
    if (operator === '-n') return value !== '';
    if (operator === '-z') return value === '';
    if (operator === '-T') return !['', '0', 'off', 'false', 'no'].includes(value.toLowerCase());
    if (operator === '-R') return isInSubnet(this.context.caller.text, value);
    throw new UnknownOperand();
  }

  private readRegex(left: () => string, isWanted: boolean): () => boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'regex') throw new UnknownOperand();
    this.at += 1;
    const mark = token.text[0] === 'm' ? (token.text[1] as string) : '/';
    const begin = token.text.indexOf(mark) + 1;
    const end = token.text.lastIndexOf(mark);
    const flags = token.text.slice(end + 1);
    const source =
      mark === '/' ? token.text.slice(begin, end).replaceAll(String.raw`\/`, '/') : token.text.slice(begin, end);
    const match = /^i?$/.test(flags) ? this.context.compile(source, flags === 'i') : null;
    const expression = { match, source, ignoreCase: flags === 'i' };
    return () => (findGroupsIn(this.context, expression, left(), this.place) !== null) === isWanted;
  }

  private readList(left: () => string): () => boolean {
    if (!this.takes('{')) throw new UnknownOperand();
    const items = [this.readOperand()];
    while (this.takes(',')) items.push(this.readOperand());
    if (!this.takes('}')) throw new UnknownOperand();
    return () => {
      const value = left();
      return items.some((item) => compare(this.context, '==', value, item()));
    };
  }

  private readOperand(): () => string {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token === undefined) throw new UnknownOperand();
    if (token.kind === 'variable') return () => this.variable(token.text.slice(2, -1));
    if (token.kind === 'string') return () => this.fill(token.text.slice(1, -1).replace(/\\([\\'"])/g, '$1'));
    if (token.kind !== 'word') throw new UnknownOperand();
    return this.tokens[this.at]?.text === '(' ? this.readCall(token.text) : () => token.text;
  }

  private readCall(name: string): () => string {
    this.at += 1;
    const argument = this.readOperand();
    if (!this.takes(')')) throw new UnknownOperand();
    return () => {
      const value = argument();
      if (/^(?:http|req|req_novary)$/i.test(name))
        return this.known(readRequestHeader(this.context, value.toLowerCase()));
      if (/^reqenv$/i.test(name)) return this.known(readVariable(this.context, value));
      if (/^tolower$/i.test(name)) return value.toLowerCase();
      if (/^toupper$/i.test(name)) return value.toUpperCase();
      throw new UnknownOperand();
    };
  }

  private fill(text: string): string {
    if (/\$\d/.test(text)) throw new UnknownOperand();
    return text.replace(/%\{([^}]*)\}/g, (_, name: string) => this.variable(name));
  }

  private variable(name: string): string {
    return this.known(readServerVariable(name, this.context));
  }

  private known(value: string | undefined): string {
    if (value === undefined) throw new UnknownOperand();
    return value;
  }

  private takes(text: string): boolean {
    const token = this.tokens[this.at];
    if (token?.text !== text || token.kind !== 'operator') return false;
    this.at += 1;
    return true;
  }
}

function compare(context: RequestContext, operator: string, left: string, right: string): boolean {
  const test = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (test === undefined || !isFollowed(context, operator, left, right)) throw new UnknownOperand();
  return test(left, right);
}

/** Whether it can be told for which addresses of the caller the comparison holds. */
function isFollowed(context: RequestContext, operator: string, left: string, right: string): boolean {
  if (operator === '-ipmatch' || (!holdsCaller(context, left) && !holdsCaller(context, right))) return true;
  if (/^-(?:str|strc|fn)match$/.test(operator))
    return noteExpression(context, expressionOfGlob(right), operator === '-strcmatch', left);
  noteWord(context, left, right);
  noteWord(context, right, left);
  return /^[=!]?=$/.test(operator);
}

const COMPARISONS: Readonly<Record<string, ((left: string, right: string) => boolean) | undefined>> = {
  '==': (left, right) => left === right,
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '-eq': (left, right) => toInteger(left) === toInteger(right),
  '-ne': (left, right) => toInteger(left) !== toInteger(right),
  '-lt': (left, right) => toInteger(left) < toInteger(right),
  '-le': (left, right) => toInteger(left) <= toInteger(right),
  '-gt': (left, right) => toInteger(left) > toInteger(right),
  '-ge': (left, right) => toInteger(left) >= toInteger(right),
  '-ipmatch': isInSubnet,
  '-strmatch': (left, right) => matchGlob(right, left, false),
  '-strcmatch': (left, right) => matchGlob(right.toLowerCase(), left.toLowerCase(), false),
  '-fnmatch': (left, right) => matchGlob(right, left),
};

const toInteger = (text: string): number => Number.parseInt(text, 10) || 0;

function isInSubnet(text: string, network: string): boolean {
  const subnet = readSubnet(network);
  const address = readPeer(text);
  if (subnet === null) throw new UnknownOperand();
  if (address !== null) return hasCaller(subnet, address);
  // What looks like a name is looked up; anything else matches nothing.
  if (/^[\w-]+(?:\.[\w-]+)*\.?$/.test(text)) throw new UnknownOperand();
  return false;
}
