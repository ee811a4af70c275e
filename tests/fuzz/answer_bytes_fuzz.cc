// Bytes of messages that the node walks by descriptor without parsing them: an answer minimised
// keeps to what is granted and can be minimised again without change; a payload that is cut into
// parts is the same when they are joined.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "google/protobuf/descriptor.h"
#include "ndx/journal/payload_parts.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/registry/field_plan.h"
#include "ndx/registry/v1/registry_document.pb.h"
#include "ndx/routing/minimiser.h"

namespace {

using google::protobuf::Descriptor;

const ndx::registry::FieldPlan& Plan() {
  static const auto* const plan = new ndx::registry::FieldPlan(
      ndx::registry::FieldPlan::Compile(
          *ndx::registry::v1::RegistryDocument::descriptor(),
          {"members.code", "systems", "services.methods.name", "grants.methods"})
          .value());
  return *plan;
}

void Minimise(absl::string_view bytes) {
  const auto once = ndx::routing::Minimise(Plan(), bytes);
  if (!once.ok()) return;
  FUZZ_CHECK(once->bytes.size() <= bytes.size());
  FUZZ_CHECK(once->removed.size() <= ndx::routing::kRemovedPathsMax + 1);
  const auto twice = ndx::routing::Minimise(Plan(), once->bytes);
  FUZZ_CHECK(twice.ok() && twice->bytes == once->bytes && twice->removed.empty());
}

// Types of which some are cut, and one that is not.
std::vector<std::unique_ptr<ndx::journal::CutPlan>> MakeCutPlans() {
  std::vector<std::unique_ptr<ndx::journal::CutPlan>> plans;
  const auto* file = ndx::population::v1::VerifyCitizenRequest::descriptor()->file();
  plans.push_back(std::make_unique<ndx::journal::CutPlan>(nullptr));
  for (int i = 0; i < file->message_type_count(); ++i) {
    auto plan = std::make_unique<ndx::journal::CutPlan>(file->message_type(i));
    if (plan->cuts()) plans.push_back(std::move(plan));
  }
  FUZZ_CHECK(plans.size() > 1);
  return plans;
}

void Cut(absl::string_view bytes) {
  static const auto* const plans =
      new std::vector<std::unique_ptr<ndx::journal::CutPlan>>(MakeCutPlans());
  for (const auto& plan : *plans) {
    std::vector<ndx::journal::Part> parts;
    if (!plan->Cut(bytes, &parts).ok()) continue;
    const auto joined = ndx::journal::JoinParts(parts);
    FUZZ_CHECK(joined.ok() && joined->size() == 1 && joined->front() == bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  Minimise(bytes);
  Cut(bytes);
  return 0;
}
