# Makes tflite_generated.h from tflite.fbs with flatc. The include path is
# private to the compiler room and its tests.
find_program(MOTE_FLATC flatc REQUIRED)
set(tflite_generated ${CMAKE_BINARY_DIR}/generated/compiler/formats/tflite/tflite_generated.h)
add_custom_command(
  OUTPUT ${tflite_generated}
  COMMAND ${MOTE_FLATC} --cpp --scoped-enums -o ${CMAKE_BINARY_DIR}/generated/compiler/formats/tflite
          ${CMAKE_CURRENT_LIST_DIR}/tflite.fbs
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/tflite.fbs
  VERBATIM)
target_sources(mote_compiler PRIVATE ${tflite_generated})
target_include_directories(mote_compiler PRIVATE ${CMAKE_BINARY_DIR}/generated)
if(TARGET mote_compiler_test)
  target_include_directories(mote_compiler_test PRIVATE ${CMAKE_BINARY_DIR}/generated)
  add_dependencies(mote_compiler_test mote_compiler)
endif()
