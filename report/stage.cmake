# Style and script of the HTML report become arrays of bytes in the program: generated/report_builtin.inc
set(report_data ${CMAKE_SOURCE_DIR}/report/html/report.css ${CMAKE_SOURCE_DIR}/report/html/report.js)
set(report_builtin ${CMAKE_BINARY_DIR}/generated/report_builtin.inc)
add_custom_command(
  OUTPUT ${report_builtin}
  COMMAND ${CMAKE_COMMAND} -D OUT=${report_builtin} "-D FILES=${report_data}" -P ${CMAKE_SOURCE_DIR}/rules/embed.cmake
  DEPENDS ${report_data} ${CMAKE_SOURCE_DIR}/rules/embed.cmake
  VERBATIM)
target_sources(stage_report PRIVATE ${report_builtin})
target_link_libraries(stage_report PUBLIC m)
