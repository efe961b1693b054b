import type { Layer } from "effect"
import type { Settings } from "../../src/config/Settings.ts"
import type { ObjectStorage, StorageError } from "../../src/services/ObjectStorage.ts"
import * as DiskStorage from "./DiskStorage.ts"
import * as S3Storage from "./S3Storage.ts"

/** Files on disk below DATA_DIR, or in S3: as the settings say. */
export const layer = ({ dataDir, storage }: Settings): Layer.Layer<ObjectStorage, StorageError> =>
  storage._tag === "disk" ? DiskStorage.layer({ root: `${dataDir}/files` }) : S3Storage.layer(storage)
