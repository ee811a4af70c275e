// The parts of Nation::Generate, in the order in which they run; each reads what the ones before it
// made.
//
// Thread-safety: one nation, one thread.
#pragma once

#include "ndx/tools/datagen/nation.h"

namespace ndx::tools::datagen {

// Households and their people, exactly as many as asked for. The first household is that of the
// demo's scene: a couple with children in Places::merged_commune().
void GeneratePeople(uint32_t count, Nation& nation);

// Enterprises, their members out of the people, and their registration dossiers. One for each 50
// people.
void GenerateEnterprises(Nation& nation);

// Insurance records of nearly all living people, their health cards, and visits to health
// facilities.
void GenerateInsurance(Nation& nation);

// Parcels of households and enterprises, their certificates, and the changes registered so far.
void GenerateLand(Nation& nation);

}  // namespace ndx::tools::datagen
