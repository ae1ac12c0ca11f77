# Makes executorch_generated.h from executorch.fbs with flatc. The include path and
# flatc are those of compiler/formats/tflite/schema.cmake.
set(executorch_generated ${CMAKE_BINARY_DIR}/generated/compiler/formats/executorch/executorch_generated.h)
add_custom_command(
  OUTPUT ${executorch_generated}
  COMMAND ${MOTE_FLATC} --cpp --scoped-enums -o ${CMAKE_BINARY_DIR}/generated/compiler/formats/executorch
          ${CMAKE_CURRENT_LIST_DIR}/executorch.fbs
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/executorch.fbs
  VERBATIM)
target_sources(mote_compiler PRIVATE ${executorch_generated})
