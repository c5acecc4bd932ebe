'use strict';
// Shows the API's own document; every text is set as text, never as HTML.
const DEPTH_MAX = 5;
let api = {};

function add(parent, tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  parent.append(element);
  return element;
}

/** Text in which backticks mark code. */
function prose(parent, tag, text, className) {
  const element = add(parent, tag, undefined, className);
  text.split('`').forEach((part, i) => i % 2 ? add(element, 'code', part) : element.append(part));
}

function resolved(node) {
  let found = node ?? {};
  while (found.$ref) {
    found = found.$ref.slice(2).split('/').reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], api) ?? {};
  }
  return found;
}

function typeOf(schema) {
  const s = resolved(schema);
  if (s.const !== undefined) return JSON.stringify(s.const);
  if (s.enum) return s.enum.map(value => String(value)).join(' | ');
  if (s.oneOf && !s.type) return s.oneOf.map(typeOf).join(' or ');
  const types = [s.type ?? 'any'].flat().map(type => type === 'array' ? `list of ${typeOf(s.items)}` : type);
  return types.join(' or ') + (s.format ? ` (${s.format})` : '');
}

function limits(schema) {
  const s = resolved(schema);
  const parts = [];
  if (s.minimum !== undefined || s.maximum !== undefined) parts.push(`${s.minimum ?? '…'} to ${s.maximum ?? '…'}`);
  if (s.maxLength !== undefined) parts.push(`at most ${s.maxLength} characters`);
  if (s.default !== undefined) parts.push(`default ${JSON.stringify(s.default)}`);
  return parts.join(', ');
}

function table(parent, heads) {
  const scroll = add(parent, 'div', undefined, 'scroll');
  const made = add(scroll, 'table');
  const row = add(add(made, 'thead'), 'tr');
  for (const head of heads) add(row, 'th', head);
  return add(made, 'tbody');
}

function fieldRows(body, schema, prefix, depth) {
  const s = resolved(schema);
  if (depth > DEPTH_MAX) return;
  for (const one of s.allOf ?? s.oneOf ?? []) fieldRows(body, one, prefix, depth + 1);
  if (s.items) fieldRows(body, s.items, `${prefix}[].`, depth + 1);
  if (s.additionalProperties?.properties) fieldRows(body, s.additionalProperties, `${prefix}*.`, depth + 1);
  for (const [name, property] of Object.entries(s.properties ?? {})) {
    const row = add(body, 'tr');
    add(add(row, 'td'), 'code', prefix + name);
    add(row, 'td', typeOf(property), 'wrap');
    add(row, 'td', (s.required ?? []).includes(name) ? 'always' : '');
    prose(row, 'td', [resolved(property).description, limits(property)].filter(Boolean).join(' '), 'wrap');
    fieldRows(body, property, `${prefix}${name}.`, depth + 1);
  }
}

function fields(parent, schema) {
  const s = resolved(schema);
  if (!s.properties && !s.items && !s.oneOf && !s.allOf) return;
  const details = add(parent, 'details');
  add(details, 'summary', 'Fields');
  fieldRows(table(details, ['Field', 'Type', 'There', 'Meaning']), schema, '', 0);
}

function example(parent, value) {
  if (value !== undefined) add(parent, 'pre', typeof value === 'string' ? value : JSON.stringify(value, null, 2));
}

function bodies(parent, content) {
  for (const [type, media] of Object.entries(content ?? {})) {
    add(parent, 'p', type, 'soft');
    example(parent, media.example);
    fields(parent, media.schema);
  }
}

function parameters(parent, list) {
  if (list.length === 0) return;
  const body = table(parent, ['Parameter', 'In', 'Type', 'There', 'Meaning']);
  for (const given of list) {
    const parameter = resolved(given);
    const row = add(body, 'tr');
    add(add(row, 'td'), 'code', parameter.name);
    add(row, 'td', parameter.in);
    add(row, 'td', typeOf(parameter.schema), 'wrap');
    add(row, 'td', parameter.required ? 'always' : '');
    prose(row, 'td', [parameter.description, limits(parameter.schema)].filter(Boolean).join(' '), 'wrap');
  }
}

function show(parent, path, method, operation, item) {
  const details = add(parent, 'details', undefined, 'operation');
  const summary = add(details, 'summary');
  add(summary, 'span', method.toUpperCase(), 'badge');
  summary.append(' ');
  add(summary, 'code', path);
  summary.append(` ${operation.summary}`);
  if (operation.deprecated) add(summary, 'span', ' deprecated', 'soft');
  if (operation.description) prose(details, 'p', operation.description);
  parameters(details, [...(item.parameters ?? []), ...(operation.parameters ?? [])]);
  if (operation.requestBody) {
    add(details, 'h3', `Body${operation.requestBody.required ? '' : ', optional'}`);
    bodies(details, operation.requestBody.content);
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    add(details, 'h3', status, status < '300' ? 'completed' : 'failed');
    for (const line of response.description.split('\n\n')) prose(details, 'p', line);
    bodies(details, response.content);
  }
}

function showAll() {
  const main = document.getElementById('operations');
  for (const tag of api.tags) {
    const section = add(main, 'section');
    add(section, 'h2', tag.name).append(' ');
    add(section.firstChild, 'small', tag.description);
    for (const [path, item] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (operation.tags?.includes(tag.name)) show(section, path, method, operation, item);
      }
    }
  }
  const codes = document.getElementById('codes');
  const known = [...api.components.schemas.ProblemCode.oneOf, ...api.components.schemas.FieldCode.oneOf];
  for (const code of new Map(known.map(one => [one.const, one])).values()) {
    const row = add(codes, 'tr');
    add(add(row, 'td'), 'code', code.const);
    prose(row, 'td', code.description, 'wrap');
  }
}

function filter(event) {
  const wanted = event.target.value.toLowerCase();
  for (const operation of document.querySelectorAll('details.operation')) {
    operation.hidden = !operation.textContent.toLowerCase().includes(wanted);
  }
}

async function load() {
  const notice = document.getElementById('notice');
  try {
    const response = await fetch('/api/v1/openapi.json', { signal: AbortSignal.timeout(10000) });
    api = await response.json();
    for (const part of api.info.description.split('\n\n')) prose(document.getElementById('about'), 'p', part);
    showAll();
    document.getElementById('filter').addEventListener('input', filter);
    notice.hidden = true;
  } catch (error) {
    notice.textContent = `The document cannot be shown: ${error.message}`;
  }
}

load();
