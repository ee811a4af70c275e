// The adapters' schemas, compiled in: schemas.cc is written by CMake from
// adapters/<name>/schema.sql.
//
// Thread-safety: constants.
#pragma once

namespace ndx::tools::datagen {

extern const char kPopulationSchema[];
extern const char kBusinessRegistrySchema[];
extern const char kSocialInsuranceSchema[];
extern const char kLandSchema[];

}  // namespace ndx::tools::datagen
