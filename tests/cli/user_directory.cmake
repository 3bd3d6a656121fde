# $XDG_DATA_HOME/roofline is the user's own part of the database.
set(data ${WORK}/xdg)
file(REMOVE_RECURSE ${data})
file(MAKE_DIRECTORY ${data})
file(COPY ${OVERLAY}/ DESTINATION ${data}/roofline)
execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=ROOFLINE_DB XDG_DATA_HOME=${data} ${PROGRAM} --hw overlay-board --model llama-3.2-3b --quant q4_k_m
                RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err TIMEOUT 60)
if(NOT code EQUAL 0 OR NOT out MATCHES "Overlay Board")
  message(FATAL_ERROR "exit ${code}\n${out}\n${err}")
endif()
