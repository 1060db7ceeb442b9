export type Method = 'POST' | 'GET' | 'PUT';

/**
 * How a vendor's JSON looks. `compact`: no white space · `spaced`: one blank behind each comma and colon · `pretty`:
 * two spaces per level · `php`, `python`, `go`: as the language's own encoder writes it without options.
 */
export const JSON_STYLES = ['compact', 'spaced', 'pretty', 'php', 'python', 'go'] as const;
export type JsonStyle = (typeof JSON_STYLES)[number];

/** How an event is written into a request. */
export interface BodyFormat {
  /**
   * `json`: the event as an object · `json-lines`: an object on each line · `form`: its fields as those of a form ·
   * `multipart`: the same as multipart/form-data · `form-json`: a form with one field, which holds the JSON ·
   * `query`: its fields in the URL, and no body · `text`, `xml`: the text of its one field.
   */
  format: 'json' | 'json-lines' | 'form' | 'multipart' | 'form-json' | 'query' | 'text' | 'xml';
  /** Of `form-json` the field that holds the JSON, of `text` and `xml` the field of the event that is the text. */
  field?: string;
  /** What stands behind all else in the body: `\r\n`. */
  tail?: string;
}

/** How several events go in one request. */
export interface BatchRule {
  /** Of JSON an array, or an object whose one property is the array. Lines need no shape. */
  shape: 'array' | { wrappedIn: string };
  /** The most events of one request. */
  max: number;
  /** One request may hold events of different names. */
  mixesEvents: boolean;
  /** Between the events, where that is more than JSON asks for: `,\r\n`. */
  join?: string;
  /** An event alone goes without the array around it. */
  singleIsBare?: true;
}
