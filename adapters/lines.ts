/** Splits text that is cut anywhere into lines without their ends (LF, CRLF or CR). */
export interface LineSplitter {
  push: (text: string) => string[];
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
      let cr = text.indexOf("\r", from);
      for (;;) {
        const lf = text.indexOf("\n", from);
        if (cr !== -1 && (lf === -1 || cr < lf)) {
          lines.push(close(text.slice(from, cr)));
          if (cr + 1 === text.length) afterCr = true;
          from = cr + 1 === lf ? lf + 1 : cr + 1;
          cr = text.indexOf("\r", from);
        } else if (lf !== -1) {
          lines.push(close(text.slice(from, lf)));
          from = lf + 1;
        } else break;
      }
      if (from < text.length) open.push(text.slice(from));
      return lines;
    },
    end() {
      return open.length ? [close("")] : [];
    },
  };
}

const LF = 10;
const BYTE_ORDER_MARK = 0xfeff;
