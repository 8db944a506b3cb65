# SPDX-License-Identifier: Apache-2.0
"""`siaga report`: what article 15 asks for, from what is in the log and the reader may see."""

import html.parser
import os
import re
import shlex

import siaga_e2e
from siaga_e2e import TOP, TaskForceCase


class Page(html.parser.HTMLParser):
    """Notes whether every element is closed, and what the page would fetch."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not any(name in ("src", "href", "onclick") for name, _ in attrs), attrs
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data


class Report(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.force.start_hub()

    def send(self, title, *more):
        self.force.siaga("bssn/ani", "send", "--title", title, "--severity", "high", "--category", "availability/ddos",
                         "--system", "sirekap", "--source-ip", "10.0.0.1", *more, check=True)

    def test_markdown_in_indonesian(self):
        self.send("Banjir <b>|x|</b>", "--description", "Dari luar")
        done = self.force.siaga("polri/dewi", "report", "1", "--impact", "Tidak ada")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in (r"^# Laporan Insiden Siber$", r"^\| Instansi \| Kepolisian Negara Republik Indonesia \|$",
                     r"^\| Pelapor \| polri/dewi \|$", r"^\| Telepon siaga \| \+62 21 5550 0303 \|$",
                     r"^\| Kejadian \| Banjir &lt;b&gt;\\\|x\\\|&lt;/b&gt; \|$", r"^\| Uraian \| Dari luar \|$",
                     r"^\| Sistem \| Sistem Informasi Rekapitulasi, infrastruktur informasi vital \|$",
                     r"^\| Sumber \| ip 10\.0\.0\.1 \|$", r"^\| .* WIB \| bssn/ani \| peringatan dikirim: Banjir .* \| 1 \|$",
                     r"^Tidak ada$", r"^\| Sisa waktu \| 23 jam 5\d menit \|$"):
            self.assertRegex(done.stdout, "(?m)" + line)

    def test_html_in_english(self):
        self.send("Flood <script>alert(1)</script>")
        done = self.force.siaga("kpu/sari", "report", "#1", "--format", "html", "--language", "en")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("left blank", done.stderr)
        page = Page(done.stdout)
        self.assertEqual(page.open, [])
        self.assertNotIn("script", page.tags)
        for words in ("Cyber Incident Report", "Komisi Pemilihan Umum", "Flood <script>alert(1)</script>", "(to be filled in)",
                      "Time left", "Chronology"):
            self.assertIn(words, page.text)

    def test_the_example_in_the_manual(self):
        self.send("Banjir")
        with open(os.path.join(TOP, "doc", "man", "siaga.1")) as page:
            (words,) = re.findall(r"(?m)^\$ siaga (report .*) > laporan\.html$", page.read())
        done = self.force.siaga("polri/dewi", *shlex.split(words.replace("4f5061", "1")))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Tidak ada data hilang.", Page(done.stdout).text)

    def test_watch_says_until_when(self):
        self.send("Flood")
        self.send("Drill", "--status", "exercise")
        first, second = self.log("kpu/sari")
        self.assertRegex(first["report_by"], r"^20\d\d-")
        self.assertNotIn("report_by", second)
        text = self.force.siaga("kpu/sari", "log", "--format", "text", check=True).stdout
        self.assertEqual(len(re.findall(r"report to BSSN by 20\d\d-\d\d-\d\d ", text)), 1)
        done = self.force.siaga("kpu/sari", "report", "2")
        self.assertIn("LATIHAN", done.stdout.splitlines()[0])
        self.assertIn("tidak mewajibkan", done.stdout)

    def test_refusals(self):
        self.send("Secret", "--audience", "kpu")
        for number in ("1", "99"):
            done = self.force.siaga("polri/dewi", "report", number)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("no such entry, or not for you", done.stderr)
        for args in ((), ("1", "2"), ("x",), ("1", "--language", "fr"), ("1", "--format", "pdf")):
            done = self.force.siaga("polri/dewi", "report", *args)
            self.assertEqual((done.returncode, done.stdout), (64, ""), args)
        self.force.hub.stop()
        done = self.force.siaga("polri/dewi", "report", "1", "--timeout", "1s")
        self.assertEqual((done.returncode, done.stdout), (69, ""))
        self.assertRegex(done.stderr, r"kpu, \+62 21 5550 0101")


if __name__ == "__main__":
    siaga_e2e.main()
