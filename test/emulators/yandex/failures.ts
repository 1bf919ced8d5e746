/** An error object of the API. The text is localised in `message`; `error` is what clients decide by. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly description: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
  }

  get body(): Readonly<Record<string, string>> {
    const message = MESSAGES[this.code] ?? `Ошибка: ${this.description}`;
    return { message, description: this.description, error: this.code };
  }
}

/** The uploader and the downloader answer text, web pages or nothing. */
export class PlainError extends Error {
  constructor(
    readonly status: number,
    readonly text = "",
    readonly contentType = "text/plain",
  ) {
    super(text);
  }
}

const MESSAGES: Readonly<Record<string, string>> = {
  DiskNotFoundError: "Не удалось найти запрошенный ресурс.",
  DiskOperationNotFoundError: "Не удалось найти операцию.",
  FieldValidationError: "Ошибка проверки поля.",
  UnauthorizedError: "Не авторизован.",
  ForbiddenError: "Доступ запрещён. Возможно, у приложения недостаточно прав для данного действия.",
  DiskResourceAlreadyExistsError: "Ресурс уже существует.",
  DiskPathDoesntExistsError: "Указанного пути не существует.",
  DiskPathPointsToExistentDirectoryError: "По указанному пути уже существует папка с таким именем.",
  DiskResourceLockedError: "Ресурс заблокирован. Возможно, над ним выполняется другая операция.",
  MD5DifferError: "MD5-хеши различаются.",
  TooManyRequestsError: "Слишком много запросов.",
};

export function notFound(): ApiError {
  return new ApiError(404, "DiskNotFoundError", "Resource not found.");
}

export function badField(name: string): ApiError {
  return new ApiError(
    400,
    "FieldValidationError",
    `Error validating field "${name}": This field is required or wrong.`,
  );
}

export function unauthorized(): ApiError {
  return new ApiError(401, "UnauthorizedError", "Unauthorized");
}

export function forbidden(): ApiError {
  return new ApiError(403, "ForbiddenError", "Forbidden");
}

/** The spelling of the code is the service's. */
export function parentMissing(shown: string): ApiError {
  return new ApiError(409, "DiskPathDoesntExistsError", `Specified path "${shown}" doesn't exists.`);
}

export function folderExists(shown: string): ApiError {
  return new ApiError(
    409,
    "DiskPathPointsToExistentDirectoryError",
    `Specified path "${shown}" points to existent directory.`,
  );
}

export function alreadyExists(shown: string): ApiError {
  return new ApiError(409, "DiskResourceAlreadyExistsError", `Resource "${shown}" already exists.`);
}

export function locked(): ApiError {
  return new ApiError(423, "DiskResourceLockedError", "Resource is locked by another operation.");
}

export function trafficLimit(code = "DiskUploadTrafficLimitExceeded"): ApiError {
  return new ApiError(423, code, "Upload traffic limit exceeded.");
}

/** Neither the status nor this code was ever seen by the fact sheet's sources; 507 is what the upload answers. */
export function noSpace(): ApiError {
  return new ApiError(507, "DiskStorageQuotaExhaustedError", "Not enough free space.");
}

export function tooManyRequests(retryAfterSeconds: number | undefined, code = "TooManyRequestsError"): ApiError {
  const headers = retryAfterSeconds === undefined ? undefined : { "Retry-After": String(retryAfterSeconds) };
  return new ApiError(429, code, "Too Many Requests", headers);
}
