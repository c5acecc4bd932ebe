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

function operationRow(row, op) {
  const id = cell(row, '');
  const link = document.createElement('a');
  link.href = `/api/v1/operations/${op.operation_id}`;
  link.textContent = op.operation_id;
  id.append(link);
  cell(row, op.status, op.status);
  const progress = cell(row, '');
  const bar = document.createElement('progress');
  bar.max = 100;
  bar.value = op.progress.percentage ?? 0;
  progress.append(bar, ` ${op.progress.current_step ?? ''}`);
  cell(row, op.worker_id);
  cell(row, op.attempt || '–');
  cell(row, ago(op.started_at));
  cell(row, took(op.duration_seconds));
  cell(row, op.error_message ?? op.warnings.join('; '), 'wrap');
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

async function refresh() {
  const health = document.getElementById('health');
  try {
    const [state, list, workers, models] = await Promise.all([
      get('/api/v1/health'), get('/api/v1/operations?limit=25'), get('/api/v1/workers'), get('/api/v1/models')]);
    health.textContent = `${state.status} · database ${state.components.database} · broker ${state.components.broker} · version ${state.version}`;
    document.getElementById('counts').textContent = `${list.active_count} active, ${list.total_count} in all`;
    fill('operations', list.operations, operationRow, 'No operation yet: try ./ktrdr models train --strategy neuro_mean_reversion --symbol EURUSD --timeframe 1d --follow', 8);
    fill('workers', workers, workerRow, 'No worker is registered', 5);
    fill('models', models.models, modelRow, 'No model yet', 4);
  } catch (error) {
    health.textContent = `The API does not answer (${error.message}); trying again`;
  } finally {
    setTimeout(refresh, INTERVAL_MS);
  }
}

refresh();
