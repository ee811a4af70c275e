"""Ratios and the table of the exchange benchmark."""
NODE = "ndx"
RIVALS = ("haproxy", "nginx", "grpcpp")
COLUMNS = (("requests/s", "requests_per_second", "{:.0f}"), ("p50 us", "p50_us", "{:.0f}"), ("p99 us", "p99_us", "{:.0f}"),
           ("p999 us", "p999_us", "{:.0f}"), ("CPU us", "cpu_us", "{:.1f}"), ("softirq us", "softirq_us", "{:.1f}"),
           ("lost", "lost", "{:.0f}"), ("RSS MiB", "rss_mib", "{:.0f}"), ("load CPU us", "load_cpu_us", "{:.1f}"))


def whole_cpu(row):
    """What a request costs the machine beside the caller and the backend: the process, and the network stack."""
    return row["cpu_us"] + row["softirq_us"]


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
    if not entries:
        return []
    lines = ["", f"ndx against{'':28}" + "".join(f"{f'CPU/{rival}':>14}{f'req/s/{rival}':>15}" for rival in RIVALS)]
    for entry in entries:
        lines.append(f"  {entry['tls']:10}{entry['payload_bytes']!s:>8}{entry['concurrency']:>6} under way{'':5}" + "".join(
            f"{entry.get(f'cpu_vs_{rival}', '-')!s:>14}{entry.get(f'throughput_vs_{rival}', '-')!s:>15}" for rival in RIVALS))
    return lines
