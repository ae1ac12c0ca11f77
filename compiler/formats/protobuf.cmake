# Makes onnx.pb.h and onnx.pb.cc from compiler/formats/onnx/onnx.proto with protoc. The include path is that of
# flatbuffers.cmake.
find_package(Protobuf REQUIRED)
set(onnx_generated ${CMAKE_BINARY_DIR}/generated/compiler/formats/onnx)
file(MAKE_DIRECTORY ${onnx_generated})
add_custom_command(
  OUTPUT ${onnx_generated}/onnx.pb.h ${onnx_generated}/onnx.pb.cc
  COMMAND protobuf::protoc --cpp_out=${onnx_generated} -I${CMAKE_CURRENT_LIST_DIR}/onnx onnx.proto
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/onnx/onnx.proto
  VERBATIM)
target_sources(mote_compiler PRIVATE ${onnx_generated}/onnx.pb.h ${onnx_generated}/onnx.pb.cc)
target_link_libraries(mote_compiler PRIVATE protobuf::libprotobuf-lite)
