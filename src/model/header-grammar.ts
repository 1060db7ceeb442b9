/**
 * What a header may be (RFC 9110, section 5). The plan checks what is asked for, the wire what is stored and sent
 * again.
 */

/** A token. */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Text of one line, on the wire as UTF-8. Controls, but for the tab, would end or forge a line; half a surrogate
 * pair has no UTF-8.
 */
export const HEADER_VALUE = /^(?:\t|[^\p{Cc}\p{Cs}])*$/u;
