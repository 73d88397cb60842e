"""Kinds of samples with other records than their own."""

from dataclasses import replace

from evaluation.extractors.record import ExtractorRecord
from evaluation.kinds import Kind


def with_records(kind: Kind, *records: ExtractorRecord) -> Kind:
    """The kind with these extractors in place of those of the same names."""
    by_name = {record.name: record for record in records}
    return replace(kind, extractors=tuple(by_name.get(one.name, one) for one in kind.extractors))
