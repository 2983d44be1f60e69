<?php
/**
 * Who sees the stack, for its owner.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var bool $isPublic
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
use CrowdSky\Results\StackVisibility;

$choices = [
    [StackVisibility::Inherit, $stack->isOwnerPublic ? $t('as my account says: public') : $t('as my account says: private')],
    [StackVisibility::Public, $t('public')],
    [StackVisibility::Private, $t('private')],
];
?>
<h2 id="visibility"><?= $t('Who sees it') ?></h2>
<p><?= $isPublic ? $t('Everybody can see this stack, without your name and the position of your telescope.') : $t('Only you and the operators of the site see this stack.') ?>
    <a href="account.php#stacks"><?= $t('Setting for all stacks') ?></a></p>
<form class="inline" method="post" action="stack.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="action" value="visibility">
    <input type="hidden" name="stack_id" value="<?= $e($stack->id) ?>">
    <select name="visibility" aria-label="<?= $t('Who sees this stack') ?>">
<?php foreach ($choices as [$choice, $text]) : ?>
        <option value="<?= $e($choice->value) ?>"<?= $choice === $stack->visibility ? ' selected' : '' ?>><?= $text ?></option>
<?php endforeach ?>
    </select>
    <button class="second"><?= $t('Save') ?></button>
</form>
