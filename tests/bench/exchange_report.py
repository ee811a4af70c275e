"""Ratios and the table of the exchange benchmark."""
NODE, RELAY = "ndx", "ndx-relay"
RIVALS = ("haproxy", "nginx", "grpcpp")
COLUMNS = (("requests/s", "requests_per_second", "{:.0f}"), ("p50 us", "p50_us", "{:.0f}"), ("p99 us", "p99_us", "{:.0f}"),
           ("p999 us", "p999_us", "{:.0f}"), ("CPU us", "cpu_us", "{:.1f}"), ("far CPU us", "behind_cpu_us", "{:.1f}"),
           ("softirq us", "softirq_us", "{:.1f}"),
           ("lost", "lost", "{:.0f}"), ("RSS MiB", "rss_mib", "{:.0f}"), ("load CPU us", "load_cpu_us", "{:.1f}"))


def whole_cpu(row):
    """What a request costs the machine beside the caller and the backend: the process or processes, and the network stack."""
    return row["cpu_us"] + row["behind_cpu_us"] + row["softirq_us"]


def ratios_of(rows):
    """The node against each of the others, by what was sent; of the medians over the rounds."""
    found = {}
    for row in rows:
        found.setdefault((row["tls"], row["payload_bytes"], row["concurrency"]), {})[row["system"]] = row
    return [ratios(dict(zip(("tls", "payload_bytes", "concurrency"), key)), systems)
            for key, systems in found.items() if NODE in systems]


def ratios(entry, systems):
    node = systems[NODE]
    for rival in RIVALS:
        if rival in systems:
            entry[f"cpu_vs_{rival}"] = round(whole_cpu(node) / whole_cpu(systems[rival]), 3)
            entry[f"throughput_vs_{rival}"] = round(node["requests_per_second"] / systems[rival]["requests_per_second"], 3)
    if RELAY in systems:
        relay = systems[RELAY]
        entry["near_cpu_vs_ndx"] = round(relay["cpu_us"] / node["cpu_us"], 3)
        entry["far_cpu_vs_ndx"] = round(relay["behind_cpu_us"] / node["cpu_us"], 3)
        entry["relay_vs_ndx"] = round(whole_cpu(relay) / whole_cpu(node), 3)
    return entry


def table(rows):
    """Lines of text, one block for each thing that was sent."""
    lines, last = [], None
    for row in rows:
        key = (row["tls"], row["payload_bytes"], row["concurrency"])
        if key != last:
            last = key
            lines += ["", f"{key[0]}, payload {key[1]}, {key[2]} under way, medians of {len(row['rounds'])} rounds",
                      f"  {'':14}" + "".join(f"{title:>13}" for title, _, _ in COLUMNS)]
        name = row["system"] + ("*" if row["front_tls"] != row["tls"] else "")
        lines.append(f"  {name:14}" + "".join(f"{form.format(row[field]):>13}" for _, field, form in COLUMNS))
    if any(row["front_tls"] != row["tls"] for row in rows):
        lines += ["", "* behind mutual TLS here too: a node has no plaintext port for callers"]
    return lines + ratio_lines(ratios_of(rows))


def ratio_lines(entries):
    lines = ratio_table(entries, "ndx against", {f"CPU/{rival}": f"cpu_vs_{rival}" for rival in RIVALS}
                        | {f"req/s/{rival}": f"throughput_vs_{rival}" for rival in RIVALS})
    return lines + ratio_table(entries, "relayed against direct", {
        "near CPU": "near_cpu_vs_ndx", "far CPU": "far_cpu_vs_ndx", "CPU+softirq": "relay_vs_ndx"})


def ratio_table(entries, title, columns):
    """A line for each thing that was sent; nothing where none has any of the columns."""
    entries = [entry for entry in entries if any(field in entry for field in columns.values())]
    lines = ["", f"{title:39}" + "".join(f"{name:>15}" for name in columns)] if entries else []
    for entry in entries:
        lines.append(f"  {entry['tls']:10}{entry['payload_bytes']!s:>8}{entry['concurrency']:>6} under way{'':3}" + "".join(
            f"{entry.get(field, '-')!s:>15}" for field in columns.values()))
    return lines
