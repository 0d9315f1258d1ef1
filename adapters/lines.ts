/** Splits text that is cut anywhere into lines without their ends (LF, CRLF or CR). */
export interface LineSplitter {
  push: (text: string) => string[];
  /** Something came, no line is open, and how the last ended is known. */
  isBetween: () => boolean;
  /** What stands after the last line end, if anything. */
  end: () => string[];
}

export function createLineSplitter(): LineSplitter {
  // Pieces of the line that is still open: joined once, when its end comes, so that many small pieces stay linear.
  let open: string[] = [];
  let first = true;
  let afterCr = false;

  const close = (tail: string): string => {
    if (open.length === 0) return tail;
    open.push(tail);
    const line = open.join("");
    open = [];
    return line;
  };
  return {
    push(text) {
      const lines: string[] = [];
      let from = 0;
      if (text !== "" && first) {
        first = false;
        if (text.charCodeAt(0) === BYTE_ORDER_MARK) from = 1;
      }
      if (afterCr && from < text.length) {
        afterCr = false;
        if (text.charCodeAt(from) === LF) from++;
      }
      // Each is looked for again only when it was passed: a text of one kind alone must not be searched anew per line.
      let cr = text.indexOf("\r", from);
      let lf = text.indexOf("\n", from);
      while (cr !== -1 || lf !== -1) {
        const isCr = cr !== -1 && (lf === -1 || cr < lf);
        const at = isCr ? cr : lf;
        lines.push(close(text.slice(from, at)));
        from = isCr && lf === cr + 1 ? lf + 1 : at + 1;
        if (isCr && from === text.length && lf !== cr + 1) afterCr = true;
        if (cr !== -1 && cr < from) cr = text.indexOf("\r", from);
        if (lf !== -1 && lf < from) lf = text.indexOf("\n", from);
      }
      if (from < text.length) open.push(text.slice(from));
      return lines;
    },
    isBetween: () => open.length === 0 && !afterCr && !first,
    end() {
      return open.length ? [close("")] : [];
    },
  };
}

const LF = 10;
const BYTE_ORDER_MARK = 0xfeff;
