<?php
/**
 * Asks before a bulk action, and shows how far it has come.
 *
 * @var CrowdSky\Bulk\BulkRun $run
 * @var array<string, int> $obstacles how many cannot be changed, by reason
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
use CrowdSky\Bulk\BulkAction;
use CrowdSky\Bulk\Obstacle;

$n = $run->total;
$why = [
    Obstacle::Completed->value => $t('they are completed'),
    Obstacle::Running->value => $t('a worker is busy with them'),
    Obstacle::Finished->value => $t('they are finished, and a priority does not matter any more'),
    Obstacle::NoSubs->value => $t('their subs have been deleted'),
    Obstacle::Rescanning->value => $t('their last rescan has not ended yet'),
];
?>
<h1><?= $t('Many at once') ?></h1>
<p><strong><?= match ($run->action) {
    BulkAction::Cancel => $t->count($n, 'Cancel {n} job?', 'Cancel {n} jobs?'),
    BulkAction::Requeue => $t->count($n, 'Queue {n} job again?', 'Queue {n} jobs again?'),
    BulkAction::Priority => $t->count($n, 'Give {n} job the priority {priority}?', 'Give {n} jobs the priority {priority}?', ['priority' => $run->options['priority'] ?? 0]),
    BulkAction::Rescan => $t->count($n, 'Measure {n} stack again?', 'Measure {n} stacks again?'),
} ?></strong></p>
<?php if ($obstacles !== []) : ?>
<ul>
<?php foreach ($obstacles as $obstacle => $count) : ?>
    <li><?= $t('{count} of them stay as they are:', ['count' => $t->number($count)]) ?> <?= $why[$obstacle] ?? $e($obstacle) ?>.</li>
<?php endforeach ?>
</ul>
<?php endif ?>
<?php if ($run->done > 0) : ?>
<p class="progress"><progress max="<?= $e($n) ?>" value="<?= $e($run->done) ?>" aria-label="<?= $t('Progress') ?>"></progress>
    <span><?= $t('{done} of {n}, {changed} changed', ['done' => $t->number($run->done), 'n' => $t->number($n), 'changed' => $t->number($run->changed)]) ?></span></p>
<?php endif ?>
<form method="post" action="admin_bulk.php" id="bulk"<?= $run->done > 0 ? ' data-goes-on' : '' ?>>
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="id" value="<?= $e($run->id) ?>">
    <div class="actions">
        <button name="step" value="go"><?= $run->done > 0 ? $t('Go on') : $t('Do it') ?></button>
        <button class="second" name="step" value="leave"><?= $run->done > 0 ? $t('Stop here') : $t('Leave it') ?></button>
    </div>
</form>
<?php if ($run->done > 0) : ?>
<script type="module" src="assets/js/admin/bulk.js"></script>
<?php endif ?>
