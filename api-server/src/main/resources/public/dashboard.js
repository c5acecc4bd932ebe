'use strict';
// Polls the public API once a second; every text from the API is set as text, never as HTML.
const INTERVAL_MS = 1000;

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

function button(parent, label, act) {
  const b = document.createElement('button');
  b.type = 'button';
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

async function control(id, action, question) {
  if (!window.confirm(question)) return;
  const notice = document.getElementById('notice');
  try {
    const response = await fetch(`/api/v1/operations/${id}/${action}`, { method: 'POST', signal: AbortSignal.timeout(10000) });
    const answer = await response.json();
    notice.textContent = response.ok ? `${id}: ${answer.status}. ${answer.message}` : `${answer.code}: ${answer.detail}`;
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
  const id = cell(row, '');
  const link = document.createElement('a');
  link.href = `/api/v1/operations/${op.operation_id}`;
  link.textContent = op.operation_id;
  id.append(link);
  const status = cell(row, op.dispatch === 'scheduled' ? 'scheduled' : op.status, op.status);
  if (op.stalled) badge(status, `no progress for ${took(op.no_progress_seconds)}`, 'stalled');
  const actions = cell(row, '');
  if (op.status === 'pending' || op.status === 'running') {
    button(actions, 'Cancel', () => control(op.operation_id, 'cancel', `Cancel ${op.operation_id}?`));
  } else if (op.status === 'failed' || op.status === 'cancelled') {
    button(actions, 'Retry', () => control(op.operation_id, 'retry', `Run ${op.operation_id} again from its beginning?`));
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

async function showAttempts(id) {
  const dialog = document.getElementById('attempts-dialog');
  const operation = await get(`/api/v1/operations/${id}`);
  document.getElementById('attempts-of').textContent = `Attempts of ${id}`;
  fill('attempts', operation.attempts ?? [], attemptRow, 'No attempt yet', 6);
  dialog.showModal();
}

function showBroker(state) {
  const banner = document.getElementById('banner');
  banner.textContent = state.status === 'ok' ? '' : (state.reasons ?? []).join(' ');
  banner.hidden = banner.textContent === '';
}

function workerRow(row, worker) {
  cell(row, worker.worker_id);
  cell(row, worker.worker_type);
  cell(row, worker.status, worker.status);
  cell(row, worker.current_operation_id);
  cell(row, ago(worker.last_health_check));
}

function modelRow(row, model) {
  cell(row, model.model_version);
  cell(row, model.symbols.join(', '));
  cell(row, ago(model.created_at));
  cell(row, model.operation_id ?? 'imported');
}

async function get(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(5000) });
  return response.json();
}

let drawn = '';

/** Rows are redrawn only when they changed, so that a button stays under the pointer. */
function changed(list) {
  const now = JSON.stringify(list.operations) + Math.floor(Date.now() / 5000);
  const different = now !== drawn;
  drawn = now;
  return different;
}

async function refresh() {
  const health = document.getElementById('health');
  try {
    const [state, list, workers, models] = await Promise.all([
      get('/api/v1/health'), get('/api/v1/operations?limit=25'), get('/api/v1/workers'), get('/api/v1/models')]);
    health.textContent = `${state.status} · database ${state.components.database} · broker ${state.components.broker} · version ${state.version}`;
    showBroker(state);
    document.getElementById('counts').textContent = `${list.active_count} active, ${list.total_count} in all`;
    if (changed(list)) fill('operations', list.operations, operationRow, 'No operation yet: try ./ktrdr models train --strategy neuro_mean_reversion --symbol EURUSD --timeframe 1d --follow', 9);
    fill('workers', workers, workerRow, 'No worker is registered', 5);
    fill('models', models.models, modelRow, 'No model yet', 4);
  } catch (error) {
    health.textContent = `The API does not answer (${error.message}); trying again`;
  } finally {
    setTimeout(refresh, INTERVAL_MS);
  }
}

refresh();
