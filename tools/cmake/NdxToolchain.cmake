# Compiler, linker, warnings, sanitizers. Read by every target through ndx_library and ndx_executable.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# Without this CMake accepts cycles between static libraries; with it they fail at configure time.
set_property(GLOBAL PROPERTY GLOBAL_DEPENDS_NO_CYCLES ON)
# Compiles every public header alone, in target all_verify_interface_header_sets.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)

option(NDX_TESTS "Build the tests" ON)
option(NDX_FUZZ "Build the fuzz targets (clang, libFuzzer)" OFF)
option(NDX_BENCH "Build the benchmarks of tests/bench" OFF)
option(NDX_COVERAGE "Instrument for gcov" OFF)
set(NDX_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")

find_program(NDX_CCACHE ccache)
if(NDX_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${NDX_CCACHE})
endif()
find_program(NDX_MOLD mold)
if(NDX_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# -g1 keeps line numbers for stack traces at a third of the compile and link cost of -g.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG -D_FORTIFY_SOURCE=2 -fstack-protector-strong")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
# One build tree may be a copy of another: relative paths let the compiler cache serve both.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)

if(NDX_SANITIZE)
  string(REPLACE "," ";" sanitizers "${NDX_SANITIZE}")
  foreach(sanitizer IN LISTS sanitizers)
    add_compile_options(-fsanitize=${sanitizer})
    add_link_options(-fsanitize=${sanitizer})
  endforeach()
  add_compile_options(-fno-omit-frame-pointer -fno-sanitize-recover=all)
endif()
if(NDX_SANITIZE MATCHES "thread")
  # Under the thread sanitizer protobuf's map fields have two members more, which Debian's library, built without it, does
  # not have: every message with a map would be laid out in two ways. This copy of the header leaves them out.
  file(READ /usr/include/google/protobuf/map_field.h map_field_h)
  string(REPLACE "#if defined(__SANITIZE_THREAD__) || defined(THREAD_SANITIZER)" "#if 0" map_field_h "${map_field_h}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/tsan_include/google/protobuf/map_field.h CONTENT "${map_field_h}" @ONLY)
  include_directories(BEFORE SYSTEM ${CMAKE_BINARY_DIR}/tsan_include)
endif()
if(NDX_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "NDX_FUZZ needs clang (libFuzzer): use tools/dev fuzz.")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
if(NDX_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

set(NDX_WARNINGS -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wnull-dereference -Wimplicit-fallthrough -Wno-missing-field-initializers -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # At -O2 g++ 12 sees overlapping and endless copies, and null pointers, inside std::string (GCC bug 105651, fixed in 13; more of
  # them where <string> comes precompiled), and values of absl::StatusOr that nobody set. The dev and asan presets, at -O1, keep
  # these warnings.
  foreach(warning IN ITEMS restrict maybe-uninitialized null-dereference array-bounds stringop-overflow stringop-overread)
    list(APPEND NDX_WARNINGS $<$<CONFIG:Release>:-Wno-${warning}>)
  endforeach()
  if(NDX_SANITIZE MATCHES "thread")
    # What tsan adds makes it see both too. Boost.Asio's fences, which tsan does not follow, stand beside mutexes, which it
    # does.
    list(APPEND NDX_WARNINGS -Wno-null-dereference -Wno-maybe-uninitialized -Wno-tsan)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # g++ is the compiler of the project; clang only fuzzes and checks, and its extra warnings must not stop that.
  list(REMOVE_ITEM NDX_WARNINGS -Werror)
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl REQUIRED)
