include(CMakePackageConfigHelpers)
install(TARGETS roofline_core roofline_bench roofline_db roofline_import roofline_report roofline_validate EXPORT rooflineTargets FILE_SET HEADERS)
install(TARGETS estimate)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/hardware_db/ DESTINATION ${CMAKE_INSTALL_DATADIR}/roofline/hardware_db)
install(EXPORT rooflineTargets NAMESPACE roofline:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/roofline)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/rooflineConfig.cmake.in rooflineConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/roofline)
write_basic_package_version_file(rooflineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/rooflineConfig.cmake ${PROJECT_BINARY_DIR}/rooflineConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/roofline)
