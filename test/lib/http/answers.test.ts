import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parseAnswer, parseJson } from "../../../lib/http/answers.js";

const schema = z.object({ entries: z.array(z.object({ id: z.string() })) });
const answerOf = (text: string) => ({ status: 200, headers: {}, text });

describe("parseAnswer", () => {
  it("gives what the schema makes of the JSON", () => {
    expect(parseAnswer(schema, answerOf('{"entries":[{"id":"1","more":true}]}'), "list")).toEqual({
      entries: [{ id: "1" }],
    });
    expect(parseJson(answerOf("null"), "revoke")).toBe(null);
  });

  it.each([
    ["\n<!DOCTYPE html><html>Welcome to the hotel", "web page"],
    ['{"entries":[{"id":"1"', "cut off"],
    ["", "empty"],
    ["Internal error", "no JSON"],
    ['{"entries":[{"id":1}]}', "entries.#.id: invalid_type"],
    ["[]", "top: invalid_type"],
  ])("says what is wrong with %j", (text, expected) => {
    const parse = () => parseAnswer(schema, answerOf(text), "list");
    expect(parse).toThrow(expected);
    expect(parse).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
