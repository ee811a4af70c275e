// The parts of Boost.Asio and Boost.Beast that are no templates, compiled once, here, and not in
// each file that uses them: the libraries' own way, with the two definitions in CMakeLists.txt.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
