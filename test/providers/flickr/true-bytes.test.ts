import { describe, expect, test } from "vitest";
import { sampleMp4 } from "../../emulators/gphotos/samples.js";
import type { Fault } from "../../emulators/flickr/faults.js";
import type { RemoteFile } from "../../../lib/model/entry.js";
import type { Provider } from "../../../providers/provider.js";
import {
  createMemory,
  errorOf,
  hashOf,
  listAll,
  listedFile,
  openProvider,
  picture,
  put,
  readAll,
  signal,
  useEmulator,
} from "./support.js";

const emulator = useEmulator();

async function fetched(provider: Provider, file: RemoteFile): Promise<Buffer> {
  return await readAll(await provider.download(file, 0, signal));
}

describe("what the picture host sends", () => {
  test.each([
    ["a web page", { route: "image.get", kind: "html" }],
    ["a page of text", { route: "image.get", kind: "status", status: 200, body: "hello", contentType: "text/plain" }],
    ["nothing", { route: "image.get", kind: "status", status: 200, body: "", contentType: "image/jpeg" }],
    [
      "a page that says it is a picture",
      { route: "image.get", kind: "status", status: 200, body: "<html>", contentType: "image/jpeg" },
    ],
  ] satisfies readonly (readonly [string, Fault])[])("is no original when it is %s", async (_title, fault) => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    const provider = await openProvider(emulator());
    const file = await listedFile(provider, "A/a.jpg");
    emulator().fault(fault);
    expect((await errorOf(fetched(provider, file))).code).toBe("unavailable");
    expect(await fetched(provider, file)).toEqual(picture("1"));
  });

  test("is no original of a video when it is a picture", async () => {
    await emulator().remote.addPhoto({ title: "v", content: sampleMp4(1), sets: ["A"] });
    const provider = await openProvider(emulator());
    const file = await listedFile(provider, "A/v.mp4");
    const body = "GIF89a a still that takes the place of a film";
    emulator().fault({ route: "video.get", kind: "status", status: 200, body, contentType: "image/gif" });
    expect((await errorOf(fetched(provider, file))).code).toBe("unavailable");
    expect(await fetched(provider, file)).toEqual(sampleMp4(1));
  });
});

describe("a tag that says something wrong", () => {
  test.each(["replaced", "turned"])("because the photo was %s before anybody looked is found out", async (what) => {
    const { id } = await put(await openProvider(emulator()), "A/a.jpg");
    if (what === "replaced") await emulator().remote.replacePhoto(id!, picture("another one, which is longer"));
    else emulator().remote.rotatePhoto(id!);
    const bytes = await emulator().remote.read(id!);
    const memory = createMemory();
    const codes: string[] = [];
    for (let run = 1; run <= 3; run += 1) {
      const provider = await openProvider(emulator(), { memory });
      const file = await listedFile(provider, "A/a.jpg");
      if (file.hash === undefined) {
        expect(await fetched(provider, file)).toEqual(bytes);
        break;
      }
      codes.push(
        await fetched(provider, file).then(
          () => "as listed?",
          () => "failed",
        ),
      );
      await provider.close(signal);
    }
    expect(codes).toHaveLength(2);
    const last = await openProvider(emulator(), { memory });
    expect(await listedFile(last, "A/a.jpg")).toMatchObject({ hash: undefined, sizeBytes: undefined });
    expect(hashOf(bytes)).not.toBe(hashOf(picture("A/a.jpg")));
  });

  test("once, because the bytes came broken, is believed again", async () => {
    const stored = await put(await openProvider(emulator()), "A/a.jpg");
    const memory = createMemory();
    for (let run = 1; run <= 2; run += 1) {
      const provider = await openProvider(emulator(), { memory });
      const file = await listedFile(provider, "A/a.jpg");
      emulator().fault({ route: "image.get", kind: "truncated-download", quiet: true, afterBytes: 90 + run });
      await fetched(provider, file).catch(() => undefined);
      await provider.close(signal);
    }
    const provider = await openProvider(emulator(), { memory });
    expect(await listedFile(provider, "A/a.jpg")).toEqual(stored);
    expect(await fetched(provider, stored)).toEqual(picture("A/a.jpg"));
  });

  test("because somebody changed it, while the content is the same, is not believed", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const { id } = await put(provider, "A/a.jpg");
    emulator().remote.setTags(id!, `checksum:md5=${hashOf(picture("other")).slice(4)}`);
    expect((await listedFile(provider, "A/a.jpg")).hash).toBeUndefined();
  });
});

describe("an album of which nothing is shown", () => {
  test.each([0, '""'])("is unknown, not empty (total %s)", async (total) => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    const provider = await openProvider(emulator());
    await listAll(provider);
    const id = emulator().remote.sets()[0]!.id;
    const body = `{"photoset":{"id":"${id}","page":1,"pages":1,"perpage":500,"total":${total},"photo":[]},"stat":"ok"}`;
    emulator().fault({
      route: "photosets.getPhotos",
      kind: "status",
      status: 200,
      body,
      contentType: "application/json",
      times: 9,
    });
    const { names, problems } = await listAll(provider);
    expect(names).toEqual(["A/"]);
    expect(problems).toMatchObject([{ side: "remote", covers: { path: "A", subtree: true } }]);
    emulator().clearFaults();
  });
});

describe("a free account", () => {
  test("is asked once, not for each photo, whether it gives originals", async () => {
    for (let i = 0; i < 10; i += 1) {
      await emulator().remote.addPhoto({ title: `p${i}`, content: picture(`${i}`), sets: ["A"] });
    }
    emulator().settings.plan = "free";
    const provider = await openProvider(emulator());
    const files = (await listAll(provider)).entries.filter((entry) => entry.kind === "file");
    emulator().resetCounters();
    for (const file of files) expect((await errorOf(provider.download(file, 0, signal))).code).toBe("rejected");
    expect(emulator().requests.length).toBeLessThanOrEqual(2);
  });
});
