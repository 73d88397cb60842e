"""As much of JSON Schema as docs/report.schema.json uses."""

TYPES = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
    "null": type(None),
}  # fmt: skip
KNOWN = {
    "$schema", "title", "description", "type", "const", "enum", "required", "properties", "additionalProperties",
    "items", "maxItems",
}  # fmt: skip


def is_of(value, name):
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def flaws(value, schema, place="report"):
    """What in a value does not follow a schema, place by place; AssertionError for a keyword that is not known here."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    names = schema.get("type", ())
    if names and not any(is_of(value, name) for name in ([names] if isinstance(names, str) else names)):
        yield f"{place}: {value!r} is no {names}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{place}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is not one of {schema['enum']}"
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            yield f"{place}: {len(value)} are too many"
        for number, item in enumerate(value):
            yield from flaws(item, schema.get("items", {}), f"{place}[{number}]")
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        yield from (f"{place}: {name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, item in value.items():
            if name not in properties and others is False:
                yield f"{place}: {name} is not known"
            elif name in properties or others:
                yield from flaws(item, properties.get(name, others), f"{place}.{name}")
