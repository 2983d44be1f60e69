<?php
/**
 * How many stacks are not measured, and the button to measure them.
 *
 * @var CrowdSky\Rescans\UnmeasuredCounts $unmeasured
 * @var string $csrfToken
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Admin\RescanPage;

if ($unmeasured->all() === 0) {
    return;
}
$failed = "the {$unmeasured->failed} that failed";
// If nothing else is left, the button retries those that failed.
$onlyFailed = $unmeasured->waiting === 0;
$offered = $onlyFailed ? $unmeasured->failed : $unmeasured->waiting;
$which = $onlyFailed ? $failed : Format::count($unmeasured->waiting, 'stack', 'stacks');
?>
<form class="note" method="post" action="admin_rescan.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <p><strong><?= $e(Format::count($unmeasured->all(), 'stack is', 'stacks are')) ?> not measured:</strong>
        measuring failed, or the worker does not measure. A rescan makes up for it.
<?php if ($unmeasured->underWay > 0) : ?>
        <?= $e(Format::count($unmeasured->underWay, 'rescan is', 'rescans are')) ?> under way.
<?php endif ?>
<?php if ($unmeasured->failed > 0) : ?>
        <?= $e(Format::count($unmeasured->failed, 'rescan', 'rescans')) ?> failed; read why before you try again.
<?php endif ?></p>
<?php if ($offered > 0) : ?>
    <div class="inline">
        <button name="action" value="unmeasured">Rescan <?= $e($which) ?><?= $offered > RescanPage::MAX_UNMEASURED ? ', ' . $e(RescanPage::MAX_UNMEASURED) . ' at a time' : '' ?></button>
<?php if ($onlyFailed) : ?>
        <input type="hidden" name="retry_failed" value="1">
<?php elseif ($unmeasured->failed > 0) : ?>
        <label><input type="checkbox" name="retry_failed" value="1"> also <?= $e($failed) ?></label>
<?php endif ?>
    </div>
<?php endif ?>
</form>
