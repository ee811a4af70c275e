# ndx_proto(NAME exchange PROTOS ndx/exchange/v1/context.proto … DEPS proto_options … [GRPC])
#   Compiles .proto files into the static library ndx_proto_<NAME> (alias ndx::proto_<NAME>). Paths are relative to
#   proto/, and are the import paths: the two must be equal or reflection breaks. GRPC adds grpc++ stubs in a second
#   library ndx_proto_<NAME>_grpc (alias ndx::proto_<NAME>_grpc); only tools and tests link it.
#   ROOT names another folder than proto/ (the standard files of google and grpc).
set(NDX_PROTO_DIR ${CMAKE_SOURCE_DIR}/proto)
set(NDX_PROTO_OUT ${CMAKE_BINARY_DIR}/proto)
set(NDX_GOOGLE_PROTO_DIR ${CMAKE_SOURCE_DIR}/tools/node/node_modules/google-proto-files)
set(NDX_GRPC_PROTO_DIR /usr/share/grpc-proto)
if(NOT EXISTS ${NDX_GOOGLE_PROTO_DIR}/google/rpc/error_details.proto)
  message(FATAL_ERROR "google/rpc/error_details.proto is missing: run 'tools/dev deps' (npm install in tools/node).")
endif()
set(NDX_PROTO_PATHS -I${NDX_PROTO_DIR} -I${NDX_GOOGLE_PROTO_DIR} -I${NDX_GRPC_PROTO_DIR})
file(MAKE_DIRECTORY ${NDX_PROTO_OUT})
# Here once for the whole tree: Debian's gRPC package cannot be found twice (its c-ares module defines the target again).
find_package(gRPC REQUIRED)
find_program(NDX_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

# Everything generated from .proto files, without compiling it: what the clang checks need.
add_custom_target(codegen)

function(ndx_proto)
  cmake_parse_arguments(P "GRPC" "NAME;ROOT" "PROTOS;DEPS" ${ARGN})
  if(NOT P_ROOT)
    set(P_ROOT ${NDX_PROTO_DIR})
  endif()
  set(sources)
  set(grpc_sources)
  foreach(proto IN LISTS P_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    add_custom_command(
      OUTPUT ${NDX_PROTO_OUT}/${stem}.pb.cc ${NDX_PROTO_OUT}/${stem}.pb.h
      COMMAND protobuf::protoc ${NDX_PROTO_PATHS} --cpp_out=${NDX_PROTO_OUT} ${proto}
      DEPENDS ${P_ROOT}/${proto}
      COMMENT "protoc ${proto}" VERBATIM)
    list(APPEND sources ${NDX_PROTO_OUT}/${stem}.pb.cc)
    if(P_GRPC)
      add_custom_command(
        OUTPUT ${NDX_PROTO_OUT}/${stem}.grpc.pb.cc ${NDX_PROTO_OUT}/${stem}.grpc.pb.h
        COMMAND protobuf::protoc ${NDX_PROTO_PATHS} --grpc_out=${NDX_PROTO_OUT}
                --plugin=protoc-gen-grpc=${NDX_GRPC_CPP_PLUGIN} ${proto}
        DEPENDS ${P_ROOT}/${proto}
        COMMENT "protoc (grpc) ${proto}" VERBATIM)
      list(APPEND grpc_sources ${NDX_PROTO_OUT}/${stem}.grpc.pb.cc)
    endif()
  endforeach()
  add_custom_target(codegen_${P_NAME} DEPENDS ${sources} ${grpc_sources})
  add_dependencies(codegen codegen_${P_NAME})
  add_library(ndx_proto_${P_NAME} STATIC ${sources})
  add_dependencies(ndx_proto_${P_NAME} codegen_${P_NAME})
  add_library(ndx::proto_${P_NAME} ALIAS ndx_proto_${P_NAME})
  target_include_directories(ndx_proto_${P_NAME} SYSTEM PUBLIC ${NDX_PROTO_OUT})
  target_compile_options(ndx_proto_${P_NAME} PRIVATE -w)
  target_link_libraries(ndx_proto_${P_NAME} PUBLIC protobuf::libprotobuf ${P_DEPS})
  ndx_precompile(ndx_proto_${P_NAME})
  if(P_GRPC)
    add_library(ndx_proto_${P_NAME}_grpc STATIC EXCLUDE_FROM_ALL ${grpc_sources})
    add_dependencies(ndx_proto_${P_NAME}_grpc codegen_${P_NAME})
    add_library(ndx::proto_${P_NAME}_grpc ALIAS ndx_proto_${P_NAME}_grpc)
    target_compile_options(ndx_proto_${P_NAME}_grpc PRIVATE -w)
    target_link_libraries(ndx_proto_${P_NAME}_grpc PUBLIC ndx_proto_${P_NAME} gRPC::grpc++)
    ndx_precompile(ndx_proto_${P_NAME}_grpc)
  endif()
endfunction()

# ndx_descriptor_set(NAME population PROTOS ndx/population/v1/population_service.proto [ROOT dir])
#   Writes build/…/descriptors/<NAME>.binpb: the FileDescriptorSet, imports and comments included, that a provider registers
#   and that programs without generated code read.
function(ndx_descriptor_set)
  cmake_parse_arguments(D "" "NAME;ROOT" "PROTOS" ${ARGN})
  if(NOT D_ROOT)
    set(D_ROOT ${NDX_PROTO_DIR})
  endif()
  set(out ${CMAKE_BINARY_DIR}/descriptors/${D_NAME}.binpb)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/descriptors)
  set(inputs ${D_PROTOS})
  list(TRANSFORM inputs PREPEND ${D_ROOT}/)
  add_custom_command(OUTPUT ${out}
    COMMAND protobuf::protoc ${NDX_PROTO_PATHS} --include_imports --include_source_info
            --descriptor_set_out=${out} ${D_PROTOS}
    DEPENDS ${inputs} COMMENT "descriptors of ${D_NAME}" VERBATIM)
  add_custom_target(descriptors_${D_NAME} ALL DEPENDS ${out})
endfunction()
