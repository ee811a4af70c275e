// Who and what the demo's scene and the load source ask for, so that neither has to search the
// databases.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "ndx/tools/datagen/nation.h"

namespace ndx::tools::datagen {

// JSON: the applicant of the land-change dossier (head of the first household, in the merged
// commune) with all numbers, the applicant's spouse, the parcel, whose record still has the codes
// of before the merger, the commune's codes before and after, and an enterprise.
std::string SceneJson(const Nation& nation);

// CSV of parcels that may be changed, at most count, in the order of the nation: parcel_id,
// version, commune_code.
std::string ParcelListCsv(const Nation& nation, uint32_t count);

}  // namespace ndx::tools::datagen
