'use strict';
// Polls the public API once a second; every text from the API is set as text, never as HTML.
const INTERVAL_MS = 1000;
const READ_LIMIT_MS = 5000;
const CHANGE_LIMIT_MS = 10000;
const REPORT_LIMIT_MS = 30000;
const REPORTS_KEPT = 20;
const TOKEN = 'ktrdr-token';

/** A request with the token, if there is one; 401 asks for it. */
async function ask(path, options = {}) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch(path, { signal: AbortSignal.timeout(READ_LIMIT_MS), ...options, headers });
  if (response.status === 401) {
    const problem = await response.json();
    showSignIn(token ? problem.detail : '');
    throw new Error('it asks for a token');
  }
  if (response.status === 403 || response.status === 429) throw new Error((await response.json()).detail);
  return response;
}

function showSignIn(why) {
  const dialog = document.getElementById('sign-in-dialog');
  if (dialog.open) return;
  sessionStorage.removeItem(TOKEN);
  document.getElementById('sign-in-why').textContent = why;
  dialog.showModal();
}

function signIn(event) {
  event.preventDefault();
  const field = document.getElementById('token');
  if (field.value.trim() === '') return;
  sessionStorage.setItem(TOKEN, field.value.trim());
  field.value = '';
  document.getElementById('sign-in-dialog').close();
}

function signOut() {
  sessionStorage.removeItem(TOKEN);
  window.location.reload();
}

function cell(row, text, className) {
  const td = row.insertCell();
  if (className) td.className = className;
  td.textContent = text ?? '–';
  return td;
}

function ago(iso) {
  if (!iso) return '–';
  const s = Math.max(0, Math.round((Date.now() - Date.parse(iso)) / 1000));
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  return new Date(iso).toLocaleString();
}

function took(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function fill(id, items, write, nothing, columns) {
  const body = document.getElementById(id);
  const rows = document.createElement('tbody');
  rows.id = id;
  for (const item of items) write(rows.insertRow(), item);
  if (items.length === 0) {
    const td = cell(rows.insertRow(), nothing, 'soft');
    td.colSpan = columns;
  }
  body.replaceWith(rows);
}

function button(parent, label, act, className) {
  const b = document.createElement('button');
  b.type = 'button';
  if (className) b.className = className;
  b.textContent = label;
  b.addEventListener('click', act);
  parent.append(' ', b);
}

function badge(parent, text, className) {
  const span = document.createElement('span');
  span.className = `badge ${className}`;
  span.textContent = text;
  parent.append(' ', span);
}

async function control(kind, id, action, question) {
  if (!window.confirm(question)) return;
  const notice = document.getElementById('notice');
  try {
    const response = await ask(`/api/v1/${kind}/${encodeURIComponent(id)}/${action}`, { method: 'POST', signal: AbortSignal.timeout(CHANGE_LIMIT_MS) });
    const answer = await response.json();
    notice.textContent = response.ok ? `${id}: ${answer.status}. ${answer.message ?? ''}` : `${answer.code}: ${answer.detail}`;
  } catch (error) {
    notice.textContent = `Could not ${action} ${id}: ${error.message}`;
  }
  notice.hidden = false;
}

function waitsFor(op) {
  if (op.dispatch === 'scheduled') {
    const s = Math.max(0, Math.round((Date.parse(op.next_attempt_at) - Date.now()) / 1000));
    return `next attempt in ${s} s`;
  }
  return op.dispatch === 'waiting for broker' ? 'waiting for the broker' : op.progress.current_step ?? '';
}

function operationRow(row, op) {
  button(cell(row, ''), op.operation_id, () => showJson(op.operation_id), 'link');
  const status = cell(row, op.dispatch === 'scheduled' ? 'scheduled' : op.status, op.status);
  if (op.stalled) badge(status, `no progress for ${took(op.no_progress_seconds)}`, 'stalled');
  const actions = cell(row, '');
  if (['pending', 'running', 'cancelling'].includes(op.status)) {
    button(actions, op.status === 'pending' ? 'Why?' : 'When?', () => explain(op.operation_id));
  }
  if (op.status === 'pending' || op.status === 'running') {
    button(actions, 'Cancel', () => control('operations', op.operation_id, 'cancel', `Cancel ${op.operation_id}?`));
  } else if (op.status === 'failed' || op.status === 'cancelled') {
    button(actions, 'Retry', () => control('operations', op.operation_id, 'retry', `Run ${op.operation_id} again from its beginning?`));
  }
  if (op.operation_type === 'backtesting' && ['completed', 'cancelled'].includes(op.status)) {
    button(actions, 'Report', () => showReport(op.operation_id));
  }
  const progress = cell(row, '');
  const bar = document.createElement('progress');
  bar.max = 100;
  bar.value = op.progress.percentage ?? 0;
  progress.append(bar, ` ${waitsFor(op)}`);
  cell(row, op.worker_id);
  const attempts = cell(row, op.attempt ? '' : '–');
  if (op.attempt) button(attempts, `${op.attempt} of ${op.max_attempts}`, () => showAttempts(op.operation_id));
  cell(row, ago(op.started_at));
  cell(row, took(op.duration_seconds));
  cell(row, op.error_message ?? op.warnings.join('; '), 'wrap');
}

function attemptRow(row, attempt) {
  cell(row, attempt.attempt);
  cell(row, attempt.worker_id);
  cell(row, ago(attempt.started_at));
  cell(row, ago(attempt.ended_at));
  cell(row, attempt.outcome, attempt.outcome);
  cell(row, [attempt.error_code, attempt.reason].filter(Boolean).join(': ') || null, 'wrap');
}

/** What a link to the API would show; a link cannot carry the token. */
async function showJson(id) {
  const operation = await get(operationPath(id));
  document.getElementById('json-of').textContent = id;
  document.getElementById('json').textContent = JSON.stringify(operation, null, 2);
  document.getElementById('json-dialog').showModal();
}

const reports = [];

/** A report in a tab of its own: fetched with the token, then shown from memory. It can be saved as long as this page is open. */
async function showReport(id) {
  const notice = document.getElementById('notice');
  try {
    const response = await ask(`${operationPath(id)}/report`, { signal: AbortSignal.timeout(REPORT_LIMIT_MS) });
    if (!response.ok) throw new Error((await response.json()).detail);
    const page = URL.createObjectURL(await response.blob());
    reports.push(page);
    if (reports.length > REPORTS_KEPT) URL.revokeObjectURL(reports.shift());
    notice.hidden = window.open(page, '_blank') !== null;
    notice.textContent = 'The browser opened no tab for the report: let this page open tabs, and try again.';
  } catch (error) {
    notice.textContent = `No report of ${id}: ${error.message}`;
    notice.hidden = false;
  }
}

function operationPath(id) {
  return `/api/v1/operations/${encodeURIComponent(id)}`;
}

async function showAttempts(id) {
  const dialog = document.getElementById('attempts-dialog');
  const operation = await get(operationPath(id));
  document.getElementById('attempts-of').textContent = `Attempts of ${id}`;
  fill('attempts', operation.attempts ?? [], attemptRow, 'No attempt yet', 6);
  dialog.showModal();
}

let explained = null;

async function explain(id) {
  explained = id;
  document.getElementById('explain-of').textContent = id;
  document.getElementById('explain-summary').textContent = 'Asking…';
  document.getElementById('explain-facts').replaceChildren();
  await showExplanation();
  document.getElementById('explain-dialog').showModal();
}

function fact(list, name, text) {
  if (!text) return;
  const term = document.createElement('dt');
  term.textContent = name;
  const value = document.createElement('dd');
  value.textContent = text;
  list.append(term, value);
}

function expected(interval, unknown) {
  if (!interval) return unknown;
  const at = iso => new Date(iso).toLocaleTimeString();
  return `${at(interval.median)}, between ${at(interval.earliest)} and ${at(interval.latest)} (from ${interval.based_on_runs} runs)`;
}

async function showExplanation() {
  const summary = document.getElementById('explain-summary');
  try {
    const why = await get(`${operationPath(explained)}/explain`);
    summary.textContent = why.summary ?? why.detail;
    const facts = document.createElement('dl');
    facts.id = 'explain-facts';
    fact(facts, 'State', why.state?.replaceAll('_', ' '));
    fact(facts, 'Queue', why.queue && `${why.queue.name}, number ${why.queue.position}`);
    fact(facts, 'Requires', why.demand && Object.entries(why.demand).map(([name, value]) => `${name} ${value}`).join(', '));
    if (why.status === 'pending') fact(facts, 'Expected start', expected(why.expected_start, why.expected_start_unknown_because));
    else if (why.state !== 'ended') fact(facts, 'Expected end', expected(why.expected_end, why.expected_end_unknown_because));
    document.getElementById('explain-facts').replaceWith(facts);
    fill('explain-workers', why.workers ?? [], candidateRow, 'No worker of this type', 6);
  } catch (error) {
    summary.textContent = `No answer (${error.message}); trying again`;
  }
}

function candidateRow(row, worker) {
  cell(row, worker.worker_id);
  cell(row, worker.status, worker.status);
  cell(row, worker.current_operation_id);
  cell(row, took(worker.busy_seconds));
  cell(row, worker.percentage === null ? null : `${Math.round(worker.percentage)} %`);
  cell(row, worker.capable ? 'yes' : `no: ${worker.not_capable_because}`, 'wrap');
}

/** What operators refuse or hold, in words; nothing while all is open. */
function closed(what, control) {
  if (control.accepting && control.dispatching) return null;
  const means = control.accepting ? 'paused: accepted, and not begun'
    : control.dispatching ? 'draining: no new ones are accepted, what waits is still run' : 'draining: no new ones are accepted, what waits is held';
  return `${what} ${means}.`;
}

function controls(status) {
  if (!status) return [];
  const all = closed('Operations are', status);
  const lines = all ? [all] : Object.entries(status.types ?? {}).map(([type, control]) => closed(`Operations of type ${type} are`, control)).filter(Boolean);
  if (lines.length === 0) return [];
  if (status.reason) lines.push(`Reason: ${status.reason}.`);
  lines.push(`${(status.running ?? []).length} still run.`);
  return lines;
}

function showBanner(state, drain) {
  const banner = document.getElementById('banner');
  banner.textContent = [...(state.status === 'ok' ? [] : state.reasons ?? []), ...controls(drain)].join(' ');
  banner.hidden = banner.textContent === '';
}

/** Each signal that is known: a filled dot for yes, an empty one for no. */
function signals(td, metadata) {
  for (const name of ['alive', 'subscribed', 'advancing']) {
    const signal = metadata[name];
    if (signal === undefined || signal === null) continue;
    const span = document.createElement('span');
    span.className = signal ? 'signal on' : 'signal off';
    span.textContent = signal ? name : `not ${name}`;
    td.append(span);
  }
}

function workerRow(row, worker) {
  const metadata = worker.metadata ?? {};
  cell(row, worker.worker_id);
  cell(row, worker.worker_type);
  const status = cell(row, worker.status, worker.status);
  if (metadata.draining && worker.status !== 'DRAINING') badge(status, 'draining', 'DRAINING');
  if (['AVAILABLE', 'BUSY'].includes(worker.status)) {
    button(status, 'Drain', () => control('workers', worker.worker_id, 'drain', `Let ${worker.worker_id} finish what it does and leave?`));
  }
  signals(cell(row, ''), metadata);
  cell(row, worker.current_operation_id, 'wrap');
  cell(row, worker.current_operation_id ? ago(metadata.current_operation_since) : null);
  cell(row, metadata.resident_mb ? `${Math.round(metadata.resident_mb)} MB` : null);
  cell(row, (metadata.queues ?? []).map(queue => queue.replace(/^operations\./, '')).join(', ') || null, 'wrap');
  cell(row, ago(worker.last_health_check));
}

function modelRow(row, model) {
  cell(row, model.model_version);
  cell(row, model.symbols.join(', '));
  cell(row, ago(model.created_at));
  cell(row, model.operation_id ?? 'imported');
}

async function get(path) {
  const response = await ask(path);
  return response.json();
}

/** Nothing when the API has no such route or refuses. */
async function getIfThere(path) {
  const response = await ask(path);
  return response.ok ? response.json() : null;
}

const drawn = {};

/** Rows are redrawn only when they changed, so that a button stays under the pointer. */
function changed(what, items) {
  const now = JSON.stringify(items) + Math.floor(Date.now() / 5000);
  const different = now !== drawn[what];
  drawn[what] = now;
  return different;
}

function counts(workers) {
  const byStatus = {};
  for (const worker of workers) byStatus[worker.status] = (byStatus[worker.status] ?? 0) + 1;
  return Object.entries(byStatus).map(([status, number]) => `${number} ${status.toLowerCase().replaceAll('_', ' ')}`).join(', ');
}

async function refresh() {
  const health = document.getElementById('health');
  document.getElementById('sign-out').hidden = sessionStorage.getItem(TOKEN) === null;
  try {
    // Whoever is typing a token is not asked for it again every second.
    if (document.getElementById('sign-in-dialog').open) return;
    const [state, list, workers, models, drain] = await Promise.all([
      get('/api/v1/health'), get('/api/v1/operations?limit=25'), get('/api/v1/workers'), get('/api/v1/models'), getIfThere('/api/v1/admin/drain')]);
    health.textContent = `${state.status} · database ${state.components.database} · broker ${state.components.broker} · version ${state.version}`;
    showBanner(state, drain);
    document.getElementById('counts').textContent = `${list.active_count} active, ${list.total_count} in all`;
    if (changed('operations', list.operations)) fill('operations', list.operations, operationRow, 'No operation yet: try ./ktrdr models train --strategy neuro_mean_reversion --symbol EURUSD --timeframe 1d --follow', 9);
    document.getElementById('worker-counts').textContent = counts(workers);
    if (changed('workers', workers)) fill('workers', workers, workerRow, 'No worker is registered', 9);
    if (document.getElementById('explain-dialog').open) await showExplanation();
    fill('models', models.models, modelRow, 'No model yet', 4);
  } catch (error) {
    health.textContent = `Nothing to show from the API (${error.message}); trying again`;
  } finally {
    setTimeout(refresh, INTERVAL_MS);
  }
}

document.getElementById('sign-in').addEventListener('submit', signIn);
document.getElementById('sign-out').addEventListener('click', signOut);
refresh();
