# What keeps the compile time down: headers that nearly every file reaches are parsed once for the whole tree instead of once
# a file, and the files of a target are compiled a few at a time (CMake's unity build). Half of the time, each.
#
#   ndx_precompile(TARGET)    called by ndx_library, ndx_executable, ndx_test and ndx_proto
#     By what TARGET links: with Catch2 the kind tests, with grpc++ the kind grpc, else all.
#   ndx_compile_together(TARGET)    called by ndx_library, ndx_executable and ndx_test; not for generated files, whose names
#     meet. Names in the anonymous namespace of a folder's files must differ, which g++ says where they do not; to have a
#     file by itself again: -DNDX_TOGETHER=OFF, or the source property SKIP_UNITY_BUILD_INCLUSION.
#
# Only headers of the system stand here, so the layers hold as before. What a file forgets to include itself is found by
# the checks with clang (tests/tidy), which compile without these. All targets must agree on these options, or g++ refuses
# the precompiled headers.
add_compile_options(-fPIC -pthread -Wpedantic)

set(NDX_PRECOMPILED
  <algorithm> <array> <atomic> <cstdint> <functional> <map> <memory> <optional> <set> <sstream> <string> <utility> <variant>
  <vector>
  <absl/container/flat_hash_map.h> <absl/functional/any_invocable.h> <absl/status/statusor.h> <absl/strings/escaping.h>
  <absl/strings/str_cat.h> <absl/strings/str_join.h> <absl/strings/str_split.h> <absl/time/clock.h> <absl/time/time.h>
  <google/protobuf/descriptor.pb.h> <google/protobuf/generated_enum_reflection.h> <google/protobuf/map.h>
  <google/protobuf/map_entry.h> <google/protobuf/map_field_inl.h> <google/protobuf/message.h>
  <google/protobuf/timestamp.pb.h>)

# g++ only: clang, which fuzzes and checks, reads no precompiled header of g++.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # What ccache asks for, to keep files that were compiled with a precompiled header, and not to read that for each of them.
  add_compile_options(-fpch-preprocess)
  # The compiler begins to collect its garbage at 512 MiB, not at 128: a twentieth of the time.
  add_compile_options("SHELL:--param ggc-min-heapsize=524288")
  if(NDX_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_INODECACHE=1
        ${NDX_CCACHE})
  endif()
  foreach(kind IN ITEMS all grpc tests)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/${kind}.cc CONTENT "")
    add_library(ndx_precompiled_${kind} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled/${kind}.cc)
    target_precompile_headers(ndx_precompiled_${kind} PRIVATE ${NDX_PRECOMPILED})
  endforeach()
  target_precompile_headers(ndx_precompiled_grpc PRIVATE <grpcpp/grpcpp.h> <google/protobuf/util/json_util.h>)
  target_precompile_headers(ndx_precompiled_tests PRIVATE <catch2/catch.hpp> <fstream> <filesystem>)
endif()

function(ndx_precompile target)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  get_target_property(links ${target} LINK_LIBRARIES)
  set(kind all)
  if(links MATCHES "Catch2::")
    set(kind tests)
  elseif(links MATCHES "(_grpc|gRPC::grpc\\+\\+)(;|$)")
    set(kind grpc)
  endif()
  target_precompile_headers(${target} REUSE_FROM ndx_precompiled_${kind})
  if(kind STREQUAL "tests" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # "text" + std::string from a precompiled header looks to g++ 12 as if it copied past the string's own buffer (GCC bug
    # 105651). What the tests test keeps the warnings.
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endfunction()

option(NDX_TOGETHER "Compile the files of a target a few at a time" ON)
set(NDX_FILES_TOGETHER 5)  # more gains little, and one changed file compiles its neighbours again

function(ndx_compile_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${NDX_TOGETHER} UNITY_BUILD_BATCH_SIZE ${NDX_FILES_TOGETHER})
  if(NDX_TOGETHER AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A .cc that is included looks like a header to g++: a class of it with members of types that only it knows.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()
