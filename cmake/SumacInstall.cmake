# The installed package: find_package(Sumac) gives the target Sumac, headers,
# and the same MLIR that Sumac was built with.
include(CMakePackageConfigHelpers)
install(DIRECTORY include/sumac "${CMAKE_BINARY_DIR}/include/sumac"
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.inc" PATTERN "*.td"
  PATTERN CMakeFiles EXCLUDE)
# What `sumac quantize` runs.
install(DIRECTORY python/sumac DESTINATION ${CMAKE_INSTALL_DATADIR}/sumac/python
  FILES_MATCHING PATTERN "*.py")
install(EXPORT SumacTargets NAMESPACE Sumac:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/sumac)
configure_package_config_file(cmake/SumacConfig.cmake.in
  "${CMAKE_BINARY_DIR}/SumacConfig.cmake"
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/sumac
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/SumacConfigVersion.cmake"
  COMPATIBILITY ExactVersion)
install(FILES "${CMAKE_BINARY_DIR}/SumacConfig.cmake" "${CMAKE_BINARY_DIR}/SumacConfigVersion.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/sumac)
