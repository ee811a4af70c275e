# ndx_embed_descriptors(TARGET ndx_adapter_land NAME land)
#   Builds descriptors/<NAME>.binpb (comments included) into the target: ndx::<NAME>::DescriptorSet() gives its bytes.
function(ndx_embed_descriptors)
  cmake_parse_arguments(E "" "TARGET;NAME" "" ${ARGN})
  set(set_file ${CMAKE_BINARY_DIR}/descriptors/${E_NAME}.binpb)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/descriptor_set.cc)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [[
#include "absl/strings/string_view.h"
__asm__(
    ".section .rodata\n"
    "ndx_@E_NAME@_descriptors_begin:\n"
    ".incbin \"@set_file@\"\n"
    "ndx_@E_NAME@_descriptors_end:\n"
    ".previous\n");
extern "C" const char ndx_@E_NAME@_descriptors_begin[] __attribute__((visibility("hidden")));
extern "C" const char ndx_@E_NAME@_descriptors_end[] __attribute__((visibility("hidden")));
namespace ndx::@E_NAME@ {
absl::string_view DescriptorSet();
absl::string_view DescriptorSet() {
  return {ndx_@E_NAME@_descriptors_begin,
          static_cast<size_t>(ndx_@E_NAME@_descriptors_end - ndx_@E_NAME@_descriptors_begin)};
}
}
]])
  target_sources(${E_TARGET} PRIVATE ${source})
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${set_file})
  add_dependencies(${E_TARGET} descriptors_${E_NAME})
endfunction()
