import { describe, expect, test } from "vitest";
import { createListingPaths } from "../../../providers/dropbox/listing-paths.js";

const entry = (display: string, name = display.slice(display.lastIndexOf("/") + 1)) => ({
  name,
  path_lower: display.toLowerCase(),
  path_display: display,
});

describe("where entries lie", () => {
  test("below a folder and below the whole account", () => {
    expect(createListingPaths("/docs").place(entry("/Docs/A/b.txt"))).toBe("A/b.txt");
    expect(createListingPaths("").place(entry("/Docs/A/b.txt"))).toBe("Docs/A/b.txt");
  });

  test("the root itself, and what is not below it", () => {
    const paths = createListingPaths("/docs");
    expect(paths.place(entry("/Docs"))).toBe("root");
    expect(paths.place(entry("/Docs2/a"))).toBeUndefined();
    expect(paths.place(entry("/Other/a"))).toBeUndefined();
    expect(paths.place({ name: "a" })).toBeUndefined();
  });

  test("the last component is the entry's own name, parents are those of their own entries", () => {
    const paths = createListingPaths("/docs");
    paths.addFolder(entry("/DOCS/Photos"));
    paths.addFolder(entry("/DOCS/PHOTOS/Rome"));
    expect(paths.place(entry("/docs/photos/ROME/a.JPG"))).toBe("Photos/Rome/a.JPG");
    expect(paths.place(entry("/docs/unseen/a.JPG"))).toBe("unseen/a.JPG");
  });

  test.each([
    entry("/docs/.."),
    entry("/docs/../x"),
    entry("/docs/a/.", "."),
    entry("/docs/x", "a/b"),
    entry("/docs/a\0b"),
    entry("/docs/C:\\x"),
    entry("/docs/a\\b/c"),
    { name: "", path_lower: "/docs/", path_display: "/docs/" },
  ])("hostile: %j", (hostile) => {
    expect(createListingPaths("/docs").place(hostile)).toBeUndefined();
  });

  test("names come out in NFC", () => {
    expect(createListingPaths("").place(entry("/cafe\u0301"))).toBe("caf\u00e9");
  });
});
