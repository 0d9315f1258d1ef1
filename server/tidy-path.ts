/** A path without doubled and trailing slashes; undefined where it has none. Never begins with `//`. */
export function tidyPath(path: string): string | undefined {
  const tidy = `/${path.split("/").filter(Boolean).join("/")}`;
  return tidy === path ? undefined : tidy;
}
