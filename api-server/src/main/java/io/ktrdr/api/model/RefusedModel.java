package io.ktrdr.api.model;

/**
 * A file in the directory of models that is no model to be used.
 *
 * @param version what it would be
 * @param code stable, e.g. {@code MODEL_CORRUPT}
 */
public record RefusedModel(ModelVersion version, String code, String detail) {}
