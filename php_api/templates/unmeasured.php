<?php
/**
 * How many stacks are not measured, and the button to measure them.
 *
 * @var CrowdSky\Rescans\UnmeasuredCounts $unmeasured
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
use CrowdSky\Pages\Admin\RescanPage;

if ($unmeasured->all() === 0) {
    return;
}
// If nothing else is left, the button retries those that failed.
$onlyFailed = $unmeasured->waiting === 0;
$offered = $onlyFailed ? $unmeasured->failed : $unmeasured->waiting;
$number = ['n' => $t->number($offered), 'most' => $t->number(RescanPage::MAX_UNMEASURED)];
$isTooMany = $offered > RescanPage::MAX_UNMEASURED;
?>
<form class="note" method="post" action="admin_rescan.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <p><strong><?= $t->count($unmeasured->all(), '{n} stack is not measured:', '{n} stacks are not measured:') ?></strong>
        <?= $t('measuring failed, or the worker does not measure. A rescan makes up for it.') ?>
<?php if ($unmeasured->underWay > 0) : ?>
        <?= $t->count($unmeasured->underWay, '{n} rescan is under way.', '{n} rescans are under way.') ?>
<?php endif ?>
<?php if ($unmeasured->failed > 0) : ?>
        <?= $t->count($unmeasured->failed, '{n} rescan failed; read why before you try again.', '{n} rescans failed; read why before you try again.') ?>
<?php endif ?></p>
<?php if ($offered > 0) : ?>
    <div class="inline">
        <button name="action" value="unmeasured"><?= match (true) {
            $onlyFailed && $isTooMany => $t('Rescan the {n} that failed, {most} at a time', $number),
            $onlyFailed => $t('Rescan the {n} that failed', $number),
            $isTooMany => $t('Rescan {n} stacks, {most} at a time', $number),
            default => $t->count($offered, 'Rescan {n} stack', 'Rescan {n} stacks'),
        } ?></button>
<?php if ($onlyFailed) : ?>
        <input type="hidden" name="retry_failed" value="1">
<?php elseif ($unmeasured->failed > 0) : ?>
        <label><input type="checkbox" name="retry_failed" value="1"> <?= $t('also the {n} that failed', ['n' => $t->number($unmeasured->failed)]) ?></label>
<?php endif ?>
    </div>
<?php endif ?>
</form>
