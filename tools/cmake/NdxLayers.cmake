# How the layers are kept. A folder is one library; its public headers are listed; nothing else of it can be included.
#
# ndx_library(NAME journal HDRS journal.h … SRCS journal.cc … DEPS ndx::core … PRIVATE_DEPS ndx::store …)
#   Makes static ndx_<NAME> (alias ndx::<NAME>). Each header of HDRS is linked into
#   build/…/include/<NAME>/ndx/<folder>/<header>, and only that directory is published: including a header of a folder
#   that is not linked, or one that is not listed, or one reached only through somebody's PRIVATE_DEPS, does not compile.
#   <folder> is the path in the tree without "src/": src/journal → ndx/journal/journal.h, adapters/sdk → ndx/adapters/sdk/….
# ndx_executable(NAME ndxd SRCS … DEPS …)
# ndx_test(NAME core SRCS ids_test.cc … DEPS … [LABEL unit] [TIMEOUT seconds] [ENVIRONMENT A=b …])
#   One Catch2 program per folder of tests/<label>/…, its cases registered one by one with ctest.
# ndx_fuzz(NAME frame CHANGES 10000 SRCS frame_fuzz.cc DEPS …)
#   With NDX_FUZZ a libFuzzer program build/…/fuzz/frame. With NDX_TESTS a test that runs the corpus (corpus/<NAME>) and so
#   many changes of it through the same target, by the compiler of everything else.
# ndx_bench(NAME append SRCS append_bench.cc DEPS …)  Google Benchmark program build/…/bench/append; only with NDX_BENCH.

function(ndx_library)
  cmake_parse_arguments(L "" "NAME" "HDRS;SRCS;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target ndx_${L_NAME})
  add_library(${target} STATIC ${L_SRCS})
  add_library(ndx::${L_NAME} ALIAS ${target})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REGEX REPLACE "^src/" "" folder ${folder})
  set(root ${CMAKE_BINARY_DIR}/include/${L_NAME})
  file(REMOVE_RECURSE ${root})  # a header no longer listed must not stay includable
  set(published)
  foreach(header IN LISTS L_HDRS)
    set(link ${root}/ndx/${folder}/${header})
    get_filename_component(link_dir ${link} DIRECTORY)
    file(MAKE_DIRECTORY ${link_dir})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${link} SYMBOLIC)
    list(APPEND published ${link})
  endforeach()
  if(published)
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${root} FILES ${published})
  endif()
  target_compile_options(${target} PRIVATE ${NDX_WARNINGS})
  target_link_libraries(${target} PUBLIC ${L_DEPS} PRIVATE ${L_PRIVATE_DEPS})
  ndx_precompile(${target})
endfunction()

function(ndx_executable)
  cmake_parse_arguments(E "" "NAME" "SRCS;DEPS" ${ARGN})
  add_executable(${E_NAME} ${E_SRCS} ${NDX_SANITIZER_SOURCES})
  target_compile_options(${E_NAME} PRIVATE ${NDX_WARNINGS})
  target_link_libraries(${E_NAME} PRIVATE ${E_DEPS})
  ndx_precompile(${E_NAME})
  set_target_properties(${E_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

function(ndx_test)
  cmake_parse_arguments(T "" "NAME;LABEL;TIMEOUT" "SRCS;DEPS;ENVIRONMENT" ${ARGN})
  if(NOT T_LABEL)
    set(T_LABEL unit)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 60)
  endif()
  if(NDX_SANITIZE)
    math(EXPR T_TIMEOUT "5 * ${T_TIMEOUT}")
  endif()
  set(target ${T_LABEL}_${T_NAME}_test)
  add_executable(${target} ${T_SRCS} ${NDX_SANITIZER_SOURCES})
  target_compile_options(${target} PRIVATE ${NDX_WARNINGS})
  target_link_libraries(${target} PRIVATE ${T_DEPS} Catch2::Catch2WithMain)
  ndx_precompile(${target})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  catch_discover_tests(${target} TEST_PREFIX "${T_LABEL}/${T_NAME}: "
    PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT} ENVIRONMENT "${T_ENVIRONMENT}")
endfunction()

add_custom_target(fuzzers)
add_custom_target(benches)

function(ndx_fuzz)
  cmake_parse_arguments(F "" "NAME;CHANGES" "SRCS;DEPS" ${ARGN})
  if(NDX_TESTS)
    set(replay fuzz_${F_NAME}_replay)
    add_executable(${replay} ${F_SRCS} ${NDX_FUZZ_REPLAY} ${NDX_SANITIZER_SOURCES})
    target_compile_options(${replay} PRIVATE ${NDX_WARNINGS})
    target_link_libraries(${replay} PRIVATE ${F_DEPS})
    set_target_properties(${replay} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME "fuzz/${F_NAME}" COMMAND ${replay} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${F_NAME} ${F_CHANGES})
    set_tests_properties("fuzz/${F_NAME}" PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
  if(NOT NDX_FUZZ)
    return()
  endif()
  add_executable(fuzz_${F_NAME} ${F_SRCS})
  target_compile_options(fuzz_${F_NAME} PRIVATE ${NDX_WARNINGS})
  target_link_libraries(fuzz_${F_NAME} PRIVATE ${F_DEPS} -fsanitize=fuzzer)
  set_target_properties(fuzz_${F_NAME} PROPERTIES
    OUTPUT_NAME ${F_NAME} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  add_dependencies(fuzzers fuzz_${F_NAME})
endfunction()

function(ndx_bench)
  cmake_parse_arguments(B "" "NAME" "SRCS;DEPS" ${ARGN})
  add_executable(bench_${B_NAME} ${B_SRCS})
  target_compile_options(bench_${B_NAME} PRIVATE ${NDX_WARNINGS})
  target_link_libraries(bench_${B_NAME} PRIVATE ${B_DEPS} benchmark::benchmark_main)
  set_target_properties(bench_${B_NAME} PROPERTIES
    OUTPUT_NAME ${B_NAME} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  add_dependencies(benches bench_${B_NAME})
endfunction()
