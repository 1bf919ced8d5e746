/**
 * The platforms a drive can live on. "personal" is the classic one of Microsoft accounts, "personal-migrated" the same
 * account after its move to the SharePoint platform, "documentLibrary" the default library of a SharePoint site.
 */
export type DriveKind = "personal" | "personal-migrated" | "business" | "documentLibrary";

export function isPersonal(kind: DriveKind): boolean {
  return kind === "personal" || kind === "personal-migrated";
}

/** Classic drives keep milliseconds and old-style ids and tags; all others follow SharePoint. */
export function isClassic(kind: DriveKind): boolean {
  return kind === "personal";
}

/** `driveType` as the service says it. */
export function driveTypeOf(kind: DriveKind): "personal" | "business" | "documentLibrary" {
  return kind === "personal-migrated" ? "personal" : kind;
}
