//! The pipeline that ships, compiled in.

/// Paths relative to the pipeline's folder, and their text.
macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../sql/", $path)))),*]
    };
}

/// Every file of the built-in pipeline. A test compares this list with the manifest.
pub(super) const FILES: &[(&str, &str)] = files![
    "pipeline.toml",
    "10_account/10_role.sql",
    "10_account/20_places.sql",
    "10_account/30_privacy.sql",
    "20_landing/10_formats.sql",
    "20_landing/20_stages.sql",
    "30_stage/10_raw.sql",
    "30_stage/20_streams.sql",
    "30_stage/30_current.sql",
    "35_pipes/10_pipes.sql",
    "40_load/05_no_pipes.sql",
    "40_load/10_copy.sql",
    "40_load/20_pipes.sql",
    "50_vault/08_ghost.sql",
    "50_vault/10_customer.sql",
    "50_vault/20_product.sql",
    "50_vault/30_transaction.sql",
    "50_vault/40_ghosts.sql",
    "60_warehouse/10_dimensions.sql",
    "60_warehouse/20_fact.sql",
    "60_warehouse/30_contact.sql",
    "70_datamart/10_marts.sql",
    "80_control/10_control.sql",
    "80_control/20_audit.sql",
    "80_control/30_reconcile.sql",
    "80_control/35_close.sql",
    "80_control/40_finish.sql",
    "85_rules/10_rules.sql",
    "87_alerts/10_alerts.sql",
    "90_tasks/10_root.sql",
    "90_tasks/20_flatten.sql",
    "90_tasks/30_vault.sql",
    "90_tasks/32_vault_purchase.sql",
    "90_tasks/35_pit.sql",
    "90_tasks/40_warehouse.sql",
    "90_tasks/50_datamart.sql",
    "90_tasks/95_finalizer.sql",
    "90_tasks/90_resume.sql",
    "95_access/10_data_science.sql",
    "95_access/20_steward.sql",
    "undo/10_account.sql",
    "undo/20_landing.sql",
    "undo/30_stage.sql",
    "undo/35_pipes.sql",
    "undo/50_vault.sql",
    "undo/60_warehouse.sql",
    "undo/70_datamart.sql",
    "undo/80_control.sql",
    "undo/85_rules.sql",
    "undo/87_alerts.sql",
    "undo/90_tasks.sql",
    "undo/95_access.sql",
];
