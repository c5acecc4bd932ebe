-- A backtest's spec used to have a model's fields and two rates side by side. Now it says who decides,
-- and all of execution and sizing; what was accepted before means what it meant.
update operations
set spec = (spec - 'model_version' - 'model_sha256' - 'commission' - 'slippage')
    || jsonb_build_object(
        'decider', jsonb_build_object(
            'kind', 'model', 'version', spec->'model_version', 'sha256', spec->'model_sha256'),
        'execution', jsonb_build_object(
            'fill', 'next_open',
            'commission_rate', spec->'commission', 'commission_fixed', 0, 'commission_per_unit', 0,
            'commission_minimum', 0,
            'slippage_rate', spec->'slippage', 'slippage_fixed', 0,
            'spread', 0, 'short_borrow_rate', 0, 'allow_flip', true),
        'sizing', jsonb_build_object(
            'kind', 'equity_fraction', 'value', 0.95, 'whole_units', true))
where type = 'backtesting' and spec ? 'model_version';
