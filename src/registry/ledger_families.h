// Column families of the database in which a node keeps its registry. Private to the folder.
//
// Thread-safety: constants. A family that is added comes last: a database made before gets it when
// it is opened.
#pragma once

#include "ndx/store/database.h"

namespace ndx::registry {

inline constexpr store::Family kChangeFamily = 1;
inline constexpr store::Family kLeafFamily = 2;
inline constexpr store::Family kProposalFamily = 3;
inline constexpr store::Family kAccessRequestFamily = 4;
inline constexpr store::Family kContractFamily = 5;

}  // namespace ndx::registry
