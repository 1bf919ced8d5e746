type Variables = Readonly<Record<string, string | undefined>>;

const NAMES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] as const;

/** The proxy variables under their upper-case names. As everywhere, the environment goes before the env file; lower-case names count too. */
export function proxyVariables(env: Variables, file: Variables): Variables {
  return Object.fromEntries(NAMES.map((name) => [name, valueIn(env, name) ?? valueIn(file, name)]));
}

function valueIn(variables: Variables, name: string): string | undefined {
  const value = variables[name] ?? variables[name.toLowerCase()];
  return value === "" ? undefined : value;
}
