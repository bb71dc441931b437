// The benchmark's peer in C++: SimGrid's s4u, one actor on a raw context, one asynchronous communication per flow.
// Usage: peer WORKLOAD FINISHES [--cfg=...]; prints the CPU seconds of Engine::run(). Written for SimGrid 3.32.

#include <ctime>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include <simgrid/s4u.hpp>

namespace sg4 = simgrid::s4u;

struct Flow {
  double start_s;
  double bytes;
  int city;
};

struct Workload {
  int cities = 0;
  double city_bps = 0, core_bps = 0;
  std::vector<Flow> flows;
};

static Workload read(const char* path) {
  Workload load;
  std::ifstream in(path);
  size_t count = 0;
  in >> load.cities >> load.city_bps >> load.core_bps >> count;
  load.flows.resize(count);
  for (auto& flow : load.flows)
    in >> flow.start_s >> flow.bytes >> flow.city;
  return load;
}

static std::vector<sg4::Host*> build(const Workload& load, sg4::Host*& center) {
  auto* zone = sg4::create_full_zone("star");
  center = zone->create_host("center", 1e9);
  const auto* core = zone->create_link("core", load.core_bps / 8)->set_latency(0)->seal();
  std::vector<sg4::Host*> cities;
  for (int i = 0; i < load.cities; i++) {
    const std::string name = std::to_string(i);
    cities.push_back(zone->create_host("city" + name, 1e9));
    const auto* line = zone->create_link("line" + name, load.city_bps / 8)->set_latency(0)->seal();
    zone->add_route(cities[i]->get_netpoint(), center->get_netpoint(), nullptr, nullptr,
                    {sg4::LinkInRoute(line), sg4::LinkInRoute(core)}, false);
  }
  zone->seal();
  return cities;
}

int main(int argc, char** argv) {
  sg4::Engine engine(&argc, argv);
  const Workload load = read(argv[1]);
  sg4::Host* center = nullptr;
  const auto cities = build(load, center);
  std::vector<sg4::CommPtr> comms;
  comms.reserve(load.flows.size());
  sg4::Actor::create("source", center, [&]() {
    for (const auto& flow : load.flows) {
      sg4::this_actor::sleep_until(flow.start_s);
      comms.push_back(sg4::Comm::sendto_async(cities[flow.city], center, static_cast<uint64_t>(flow.bytes)));
    }
    sg4::Comm::wait_all(comms);
  });
  const std::clock_t began = std::clock();
  engine.run();
  std::cout << double(std::clock() - began) / CLOCKS_PER_SEC << std::endl;
  std::ofstream out(argv[2]);
  out << std::setprecision(17);
  for (const auto& comm : comms)
    out << comm->get_finish_time() << "\n";
}
