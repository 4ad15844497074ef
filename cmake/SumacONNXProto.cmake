# onnx.proto, taken from the `onnx` wheel of the project's virtual environment
# and compiled for the lite runtime under a package name of its own, so that it
# clashes with no other copy of ONNX in the process.
#
# Result: sumac_onnx_proto_sources, sumac_onnx_proto_include and the target
# SumacONNXProtoGen.

set(SUMAC_ONNX_PROTO "" CACHE FILEPATH
  "onnx-ml.proto of ONNX 1.20 or newer; default: the one of SUMAC_PYTHON's onnx package")

set(sumac_onnx_proto "${SUMAC_ONNX_PROTO}")
if(NOT sumac_onnx_proto)
  execute_process(
    COMMAND "${SUMAC_PYTHON}" -c "import importlib.util, pathlib
spec = importlib.util.find_spec('onnx')
print(pathlib.Path(spec.origin).parent / 'onnx-ml.proto' if spec else '')"
    OUTPUT_VARIABLE sumac_onnx_proto OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
endif()
if(NOT sumac_onnx_proto OR NOT EXISTS "${sumac_onnx_proto}")
  message(FATAL_ERROR "The Python of SUMAC_PYTHON (${SUMAC_PYTHON}) has no onnx "
    "package, from which the ONNX file format is taken. Run scripts/setup, or\n"
    "  python3 -m venv .venv && .venv/bin/pip install -r python/requirements.txt\n"
    "or set SUMAC_ONNX_PROTO to an onnx-ml.proto.")
endif()
file(READ "${sumac_onnx_proto}" text)
if(NOT text MATCHES "INT2 = 26;")
  message(FATAL_ERROR "${sumac_onnx_proto} is too old: it lacks the 2-bit types of "
    "ONNX 1.20. Run: ${SUMAC_PYTHON} -m pip install -r python/requirements.txt")
endif()
message(STATUS "Using the ONNX format of: ${sumac_onnx_proto}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${sumac_onnx_proto}")

string(REGEX REPLACE "\npackage onnx;" "\npackage sumac_onnx_proto;" text "${text}")
string(REGEX REPLACE "\noption optimize_for = [A-Z_]+;" "" text "${text}")
string(APPEND text "\noption optimize_for = LITE_RUNTIME;\n")
set(sumac_onnx_proto_include "${CMAKE_BINARY_DIR}/onnx-proto")
# Written only when it changes, so that configuring again compiles nothing.
file(GENERATE OUTPUT "${sumac_onnx_proto_include}/sumac_onnx.proto" CONTENT "${text}")

add_custom_command(
  OUTPUT "${sumac_onnx_proto_include}/sumac_onnx.pb.cc" "${sumac_onnx_proto_include}/sumac_onnx.pb.h"
  COMMAND ${Protobuf_PROTOC_EXECUTABLE} --cpp_out=${sumac_onnx_proto_include}
    -I${sumac_onnx_proto_include} sumac_onnx.proto
  DEPENDS "${sumac_onnx_proto_include}/sumac_onnx.proto"
  COMMENT "Compiling the ONNX file format")
add_custom_target(SumacONNXProtoGen DEPENDS "${sumac_onnx_proto_include}/sumac_onnx.pb.h")
set(sumac_onnx_proto_sources "${sumac_onnx_proto_include}/sumac_onnx.pb.cc")
